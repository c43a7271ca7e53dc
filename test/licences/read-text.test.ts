import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isDay } from '../../src/engine/day.ts'
import { type ReadFields, readFields } from '../../src/licences/read-text.ts'

const NEW_YORK: ReadFields = {
  legalName: 'Bo Erik Lindqvist',
  number: '123 456 789',
  country: 'US',
  issuingState: 'New York',
  classes: 'D',
  issuedOn: '2022-01-15',
  expiresOn: '2030-04-12',
}

describe('a licence is read', () => {
  const cases: [what: string, text: string, fields: ReadFields][] = [
    [
      'with the labels of North America',
      `NEW YORK STATE\nDRIVER LICENSE\nID 123 456 789\nCLASS D\n1 LINDQVIST\n2 BO ERIK\nDOB 04/12/1985\nISS 01/15/2022\nEXP 04/12/2030`,
      NEW_YORK,
    ],
    [
      'with the numbers of North America, several on a line',
      `New York State USA\nDRIVER LICENSE\n4d ID 123 456 789 9 CLASS D\n1 LINDQVIST\n2 BO ERIK\n3 DOB 04/12/1985\n4a Iss 01/15/2022 4b Exp 04/12/2030`,
      NEW_YORK,
    ],
    [
      'with letters in place of digits and dirt on the lens',
      `| NEW Y0RK STATE |\n~DRIVER LICENSE_\n4D ID: 123 456 789 "\n9 CLA5S D\n1 LINDQVIST.\n2  BO ERIK =\n3 D08 O4/12/1985\n4a ISS: 0l/15/2O22\n4b EXP: O4/l2/203O`,
      NEW_YORK,
    ],
    [
      'with labels on lines of their own',
      `CALIFORNIA\nDRIVER LICENSE\nDL\nY1234567\nEXPIRES\n08/31/2029\nISSUED\n09/01/2024\nLN MUÑOZ\nFN JOSÉ MARÍA\nCLASS C`,
      {
        legalName: 'José María Muñoz',
        number: 'Y1234567',
        country: 'US',
        issuingState: 'California',
        classes: 'C',
        issuedOn: '2024-09-01',
        expiresOn: '2029-08-31',
      },
    ],
    [
      'from Britain, with the day first',
      `UK DRIVING LICENCE\nUNITED KINGDOM\n1. O'BRIEN\n2. SIOBHAN MARY\n3. 11.03.76 ENGLAND\n4a. 19.01.2023 4c. DVLA\n4b. 18.01.2033\n5. OBRIE 753116 SM9IJ\n9. AM/A/B1/B`,
      {
        legalName: "Siobhan Mary O'Brien",
        country: 'GB',
        classes: 'AM, A, B1, B',
        issuedOn: '2023-01-19',
        expiresOn: '2033-01-18',
      },
    ],
    [
      'from Germany',
      `FÜHRERSCHEIN BUNDESREPUBLIK DEUTSCHLAND\n1. GROß\n2. JÜRGEN\n3. 02.12.1970 BERLIN\n4a. 05.06.2021 4b. 04.06.2036\n5. B072RRE2I55\n9. B, BE`,
      {
        legalName: 'Jürgen Gross',
        number: 'B072RRE2I55',
        country: 'DE',
        classes: 'B, BE',
        issuedOn: '2021-06-05',
        expiresOn: '2036-06-04',
      },
    ],
    [
      'with days written out or the year first',
      `ONTARIO CANADA\nDRIVER'S LICENCE\nNAME: TREMBLAY, ANNE-MARIE\nNUMBER T6789 01234 56789\nISS 2023/05/04\nEXP 4 MAY 2028\nCLASS G`,
      {
        legalName: 'Anne-Marie Tremblay',
        number: 'T6789 01234 56789',
        country: 'CA',
        issuingState: 'Ontario',
        classes: 'G',
        issuedOn: '2023-05-04',
        expiresOn: '2028-05-04',
      },
    ],
    [
      'with three bare dates, by the order of life',
      `TEXAS\n04/12/1985\n01/15/2022\n04/12/2030`,
      { country: 'US', issuingState: 'Texas', issuedOn: '2022-01-15', expiresOn: '2030-04-12' },
    ],
    [
      'West Virginia is not Virginia',
      'WEST VIRGINIA\nDRIVER’S LICENSE',
      { country: 'US', issuingState: 'West Virginia' },
    ],
    ['a misread state', 'CALIF0RNIA DRIVER', { country: 'US', issuingState: 'California' }],
  ]
  for (const [what, text, fields] of cases)
    test(what, () => {
      expect(readFields(text)).toEqual(fields)
    })
})

describe('what is not surely there is left out', () => {
  test.each([
    ['nothing', ''],
    ['dirt', '~~ | _ . , ” :: -- »'],
    ['a shopping list', 'Milk\nEggs 12\nBread 2'],
    ['impossible days', 'EXP 02/30/2030\nISS 13/13/2022'],
    ['a year long ago', 'EXP 01/01/1022'],
    ['a lone date without a label', 'SOMETHING 04/12/2030'],
    ['a label without a date', 'EXPIRES\nISSUED'],
    ['a number of few digits', 'DL A12'],
    ['a class nobody has', 'CLASS ZZZ'],
  ])('%s', (_what, text) => {
    expect(readFields(text)).toEqual({})
  })

  test('an issue after the expiry', () => {
    expect(readFields('ISS 01/15/2031\nEXP 04/12/2030 USA')).toEqual({ expiresOn: '2030-04-12' })
  })
})

test('whatever the text, the fields are short and the days are days, and it takes no time', () => {
  const noise = fc.array(
    fc.oneof(
      fc.string({ maxLength: 30, unit: 'binary' }),
      fc.constantFrom('EXP', '4b', 'CLASS', 'DL', '1 ', '04/12/2030', '12.12.2012', 'NAME', 'NEW YORK', '\n'),
    ),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(noise, (parts) => {
      const fields = readFields(parts.join(' '))
      for (const value of Object.values(fields)) expect(value.length).toBeGreaterThan(0)
      for (const day of [fields.issuedOn, fields.expiresOn])
        if (day !== undefined) expect(isDay(day)).toBe(true)
      if (fields.number !== undefined) expect(fields.number).toMatch(/^[A-Z0-9 ]{5,25}$/)
    }),
    { numRuns: 300 },
  )
  for (const nasty of [
    '1'.repeat(100_000),
    'EXP '.repeat(50_000),
    'A B '.repeat(50_000),
    '0 '.repeat(50_000),
  ]) {
    const startedAt = performance.now()
    readFields(nasty)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  }
})
