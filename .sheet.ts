// bun sheet.ts out.png width cols files...
import sharp from 'sharp'
const [out, w, cols, ...files] = process.argv.slice(2)
const W=Number(w), C=Number(cols)
const imgs = await Promise.all(files.map(async f=>{const b=await sharp(f).resize({width:W}).png().toBuffer();const m=await sharp(b).metadata();return {b,h:m.height}}))
let y=0; const comps=[]; let H=0
for(let i=0;i<imgs.length;i+=C){const row=imgs.slice(i,i+C);const h=Math.max(...row.map(r=>r.h));row.forEach((r,k)=>comps.push({input:r.b,left:k*(W+8),top:y}));y+=h+8}
await sharp({create:{width:C*(W+8),height:y,channels:3,background:'#888'}}).composite(comps).png().toFile(out)
