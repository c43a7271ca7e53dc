/** What was found when each picture of the tour was looked at beside the design's mock screens, by the picture's name. */
export const JUDGED: Readonly<Record<string, string>> = {
  landing: 'One question, one honey button, the live comb beside it on a desk; as the mock has it.',
  'sign-in': 'One card, nothing beside it. A passkey comes after the password, as many still have none.',
  request: 'The sheet asks one thing. The map keeps its half, and what can be pressed lies under the thumb.',
  'request-own-places': 'Long rows of own places run out at the edge, which says that they can be pushed.',
  quotes:
    'Classes, wait and arrival in one row each, the price held by a clock; nothing hidden below the button.',
  'quotes-shared': 'On a phone the third row is cut by the sheet, so that one sees it goes on.',
  'quotes-none-free':
    'Says what to do before the prices; an old price is told as such and asks to be made anew.',
  searching: 'Each thing that happens is a line with its second; the comb fades where nobody was asked yet.',
  'on-the-way':
    'Repaired: the tour showed no car, and one tile of four. Now as the mock: car, code, chat, call, share, safety.',
  arrived: 'The deadline stands in the sentence; the fee of a cancellation beside its link.',
  'on-board': 'An age of 14 s is amber, before anybody has to ask whether the map still lives.',
  'car-does-not-come': 'Says when we act, and that the price stays. Nothing is pressed in vain.',
  receipt: 'The figure first, then its lines; on a desk one sheet and nothing beside it.',
  'case-to-tell': 'What was lost is a press, where it may lie one field; the phone for what cannot wait.',
  'case-desk':
    'Repaired: the desk’s five links stood in three rows on a phone, before its work. One row now, pushed along.',
  'low-ratings': 'The same row of links; a rating is read and put away with one press.',
  'rides-filtered':
    'Repaired: the chosen chip stood half outside the screen, and the button touched the card below it.',
  problem: 'Says what goes on without us, one way on, and a reference to name.',
  'driver-waiting':
    'Repaired: the tour warned of a lost position on each page, as its fix grew old. Now it is as in a car.',
  'driver-offer': 'The sum, the ring, two places, one button that drains: read in a second, as the mock.',
  'driver-ride-en-route':
    'Far from the door “Navigate” is the honey one and arriving is quiet; near it the other way round.',
  'driver-ride-joining': 'What one more rider is worth and costs in minutes, above the step under way.',
  'driver-earnings-none': 'Repaired: showed a full week. A week without rides says so.',
  'driver-off-resting': 'The button that is off says from when on it will be there.',
  board:
    'Queue, map, ride and table as the mock. Repaired: the tour showed no cars; on a phone the clock took a line; the destination lay under the legend; why a ride waits was cut.',
  'board-many':
    'Fifteen troubles by least time left; the colour is the edge alone, so the words stay readable.',
  'board-driver':
    'Who, since when, hours, car, words and way in one pane, the last minutes as a line on the map.',
  'board-driver-held':
    'Repaired: a name longer than the pane pushed its close away. Why and by whom stands on top.',
  'board-past':
    'Repaired: on a phone its rides stood one word a line, and the time took a row. Play is the honey one.',
  'desk-now': 'One thumb: what fails next on top, what waits for a decision below it.',
  'desk-handover': 'What others left is taken over by one press; ride and car in a note are links.',
  'desk-deeds': 'Who, what, why, before and after, in a line each.',
  'board-palette':
    'A verb and a noun, keys at the end of the row. What can be pressed now is listed at once.',
  'board-palette-found': 'Commands, rides, drivers, people, places; the state of each at the end.',
  'board-palette-none': 'Repaired: two sentences stood without a space between them.',
  'board-all-keys': 'Repaired: cut below the middle of the list on a desk; wider, all of it stands there.',
  'board-booking-known': 'Their places are a key each; R is the last ride again, B the way back.',
  'board-booking-several':
    'Repaired: an address broke letter by letter beside a long name; it stands below it.',
  'board-booking-blocked': 'Says who may lift it; nothing below can be asked for them.',
  'board-booking-prices':
    'Repaired: prices stood below the fold. The panel has the height of the desk, and the places make room.',
  'board-booking-refused': 'What ran out and what it is now, above the prices; what was typed stays.',
  'board-marked':
    'Repaired: the bar lay over the marked rows. It lies over the tabs, which would let the marks go.',
  'board-marked-merge': 'Who waits and rides how much longer, seats and money, before it is pressed.',
  'board-marked-done':
    'What was not done comes first, with who was quicker. Repaired: it ran over the edge of a phone.',
  'board-filters': 'One row a field; the button to show is needed without scripts alone.',
  'board-zones': 'Edge, words and figures say the same: short now, short soon, to spare.',
  'board-cells': 'Two arms of colour with a middle that is not drawn; streets and cars stay readable.',
  'board-cars-marked':
    'A ring stays with each marked car; how many, the way to write and the way out in one bar.',
  'board-old': 'The bar says since when; cars turn grey, since they may have moved.',
  'board-undo': 'Repaired: the way back lay over the rows. It lies in the corner of the map for ten seconds.',
  'board-two-desks': 'Who else has the ride open, and whose choice counted, in the ride’s own pane.',
  'board-cancel': 'The figure in the question, the safe choice first and focused.',
  'board-offline': 'What happens to the ride under way is asked beside the reason.',
  'board-rescue':
    'Drivers first, then shared cars under way: who waits how much longer, in words before the press.',
  'board-shared': 'Who else is in the car, and what they were promised, in the ride’s own pane.',
  'board-empty': 'Says that nobody waits, and lists the keys instead of leaving the pane bare.',
  'safety-desk': 'Repaired: the plate stood above its line. The page is live, and moves the car by itself.',
  trace: 'One sentence answers why; the funnel and the map are there for who doubts it.',
  'office-fleet':
    'Repaired: drivers and cars were found under “Deleted” alone, and the bar said so. They have a place of their own.',
  'office-zone': 'Corners can be drawn and typed; without scripts the numbers remain.',
  'office-price-draft': 'Old and new figure in one line each, before anything is published.',
  'share-link':
    'Repaired: the tour showed a link whose ride had lost its driver. Car, plate and minutes, no person.',
  'safety-rider': 'The number for help comes first and is larger than ours.',
}
