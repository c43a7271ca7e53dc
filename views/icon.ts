/** The icons we use, inlined from lucide-static (ISC). A word stands beside each of them, or a label for screen readers. */

import accessibility from 'lucide-static/icons/accessibility.svg' with { type: 'text' }
import arrowLeft from 'lucide-static/icons/arrow-left.svg' with { type: 'text' }
import arrowLeftRight from 'lucide-static/icons/arrow-left-right.svg' with { type: 'text' }
import arrowRight from 'lucide-static/icons/arrow-right.svg' with { type: 'text' }
import arrowUp from 'lucide-static/icons/arrow-up.svg' with { type: 'text' }
import baby from 'lucide-static/icons/baby.svg' with { type: 'text' }
import ban from 'lucide-static/icons/ban.svg' with { type: 'text' }
import banknote from 'lucide-static/icons/banknote.svg' with { type: 'text' }
import bell from 'lucide-static/icons/bell.svg' with { type: 'text' }
import bookmark from 'lucide-static/icons/bookmark.svg' with { type: 'text' }
import briefcase from 'lucide-static/icons/briefcase.svg' with { type: 'text' }
import building2 from 'lucide-static/icons/building-2.svg' with { type: 'text' }
import calendarClock from 'lucide-static/icons/calendar-clock.svg' with { type: 'text' }
import camera from 'lucide-static/icons/camera.svg' with { type: 'text' }
import carFront from 'lucide-static/icons/car-front.svg' with { type: 'text' }
import check from 'lucide-static/icons/check.svg' with { type: 'text' }
import checkCheck from 'lucide-static/icons/check-check.svg' with { type: 'text' }
import chevronDown from 'lucide-static/icons/chevron-down.svg' with { type: 'text' }
import chevronLeft from 'lucide-static/icons/chevron-left.svg' with { type: 'text' }
import chevronRight from 'lucide-static/icons/chevron-right.svg' with { type: 'text' }
import circleUserRound from 'lucide-static/icons/circle-user-round.svg' with { type: 'text' }
import clock from 'lucide-static/icons/clock.svg' with { type: 'text' }
import coffee from 'lucide-static/icons/coffee.svg' with { type: 'text' }
import copy from 'lucide-static/icons/copy.svg' with { type: 'text' }
import creditCard from 'lucide-static/icons/credit-card.svg' with { type: 'text' }
import crosshair from 'lucide-static/icons/crosshair.svg' with { type: 'text' }
import download from 'lucide-static/icons/download.svg' with { type: 'text' }
import ellipsis from 'lucide-static/icons/ellipsis.svg' with { type: 'text' }
import eye from 'lucide-static/icons/eye.svg' with { type: 'text' }
import fileText from 'lucide-static/icons/file-text.svg' with { type: 'text' }
import fingerprint from 'lucide-static/icons/fingerprint.svg' with { type: 'text' }
import flag from 'lucide-static/icons/flag.svg' with { type: 'text' }
import graduationCap from 'lucide-static/icons/graduation-cap.svg' with { type: 'text' }
import hexagon from 'lucide-static/icons/hexagon.svg' with { type: 'text' }
import history from 'lucide-static/icons/history.svg' with { type: 'text' }
import house from 'lucide-static/icons/house.svg' with { type: 'text' }
import idCard from 'lucide-static/icons/id-card.svg' with { type: 'text' }
import info from 'lucide-static/icons/info.svg' with { type: 'text' }
import keyRound from 'lucide-static/icons/key-round.svg' with { type: 'text' }
import layers from 'lucide-static/icons/layers.svg' with { type: 'text' }
import list from 'lucide-static/icons/list.svg' with { type: 'text' }
import locateFixed from 'lucide-static/icons/locate-fixed.svg' with { type: 'text' }
import lock from 'lucide-static/icons/lock.svg' with { type: 'text' }
import logOut from 'lucide-static/icons/log-out.svg' with { type: 'text' }
import luggage from 'lucide-static/icons/luggage.svg' with { type: 'text' }
import mail from 'lucide-static/icons/mail.svg' with { type: 'text' }
import map from 'lucide-static/icons/map.svg' with { type: 'text' }
import mapPin from 'lucide-static/icons/map-pin.svg' with { type: 'text' }
import mapPinCheck from 'lucide-static/icons/map-pin-check.svg' with { type: 'text' }
import messageSquareText from 'lucide-static/icons/message-square-text.svg' with { type: 'text' }
import monitor from 'lucide-static/icons/monitor.svg' with { type: 'text' }
import monitorSmartphone from 'lucide-static/icons/monitor-smartphone.svg' with { type: 'text' }
import moon from 'lucide-static/icons/moon.svg' with { type: 'text' }
import navigation from 'lucide-static/icons/navigation.svg' with { type: 'text' }
import pause from 'lucide-static/icons/pause.svg' with { type: 'text' }
import pawPrint from 'lucide-static/icons/paw-print.svg' with { type: 'text' }
import pencil from 'lucide-static/icons/pencil.svg' with { type: 'text' }
import phone from 'lucide-static/icons/phone.svg' with { type: 'text' }
import plus from 'lucide-static/icons/plus.svg' with { type: 'text' }
import power from 'lucide-static/icons/power.svg' with { type: 'text' }
import printer from 'lucide-static/icons/printer.svg' with { type: 'text' }
import qrCode from 'lucide-static/icons/qr-code.svg' with { type: 'text' }
import receiptText from 'lucide-static/icons/receipt-text.svg' with { type: 'text' }
import refreshCw from 'lucide-static/icons/refresh-cw.svg' with { type: 'text' }
import repeat from 'lucide-static/icons/repeat.svg' with { type: 'text' }
import route from 'lucide-static/icons/route.svg' with { type: 'text' }
import scrollText from 'lucide-static/icons/scroll-text.svg' with { type: 'text' }
import search from 'lucide-static/icons/search.svg' with { type: 'text' }
import sendHorizontal from 'lucide-static/icons/send-horizontal.svg' with { type: 'text' }
import settings from 'lucide-static/icons/settings.svg' with { type: 'text' }
import share2 from 'lucide-static/icons/share-2.svg' with { type: 'text' }
import shieldAlert from 'lucide-static/icons/shield-alert.svg' with { type: 'text' }
import shieldCheck from 'lucide-static/icons/shield-check.svg' with { type: 'text' }
import slidersHorizontal from 'lucide-static/icons/sliders-horizontal.svg' with { type: 'text' }
import smartphone from 'lucide-static/icons/smartphone.svg' with { type: 'text' }
import squareTerminal from 'lucide-static/icons/square-terminal.svg' with { type: 'text' }
import star from 'lucide-static/icons/star.svg' with { type: 'text' }
import sun from 'lucide-static/icons/sun.svg' with { type: 'text' }
import timer from 'lucide-static/icons/timer.svg' with { type: 'text' }
import trash2 from 'lucide-static/icons/trash-2.svg' with { type: 'text' }
import triangleAlert from 'lucide-static/icons/triangle-alert.svg' with { type: 'text' }
import undo2 from 'lucide-static/icons/undo-2.svg' with { type: 'text' }
import upload from 'lucide-static/icons/upload.svg' with { type: 'text' }
import user from 'lucide-static/icons/user.svg' with { type: 'text' }
import userRoundX from 'lucide-static/icons/user-round-x.svg' with { type: 'text' }
import users from 'lucide-static/icons/users.svg' with { type: 'text' }
import usersRound from 'lucide-static/icons/users-round.svg' with { type: 'text' }
import volume2 from 'lucide-static/icons/volume-2.svg' with { type: 'text' }
import volumeX from 'lucide-static/icons/volume-x.svg' with { type: 'text' }
import wallet from 'lucide-static/icons/wallet.svg' with { type: 'text' }
import wifiOff from 'lucide-static/icons/wifi-off.svg' with { type: 'text' }
import x from 'lucide-static/icons/x.svg' with { type: 'text' }
import zap from 'lucide-static/icons/zap.svg' with { type: 'text' }
import { type Html, html, raw } from './html.ts'

const SOURCES = {
  accessibility,
  'arrow-left': arrowLeft,
  'arrow-right': arrowRight,
  'arrow-up': arrowUp,
  ban,
  banknote,
  bell,
  briefcase,
  'building-2': building2,
  'calendar-clock': calendarClock,
  camera,
  'car-front': carFront,
  check,
  'check-check': checkCheck,
  'chevron-down': chevronDown,
  'chevron-left': chevronLeft,
  ellipsis,
  'chevron-right': chevronRight,
  'circle-user-round': circleUserRound,
  clock,
  coffee,
  copy,
  'credit-card': creditCard,
  crosshair,
  download,
  eye,
  'file-text': fileText,
  fingerprint,
  flag,
  'graduation-cap': graduationCap,
  hexagon,
  history,
  'id-card': idCard,
  info,
  'key-round': keyRound,
  layers,
  list,
  'locate-fixed': locateFixed,
  lock,
  'log-out': logOut,
  luggage,
  mail,
  map,
  'map-pin': mapPin,
  'map-pin-check': mapPinCheck,
  monitor,
  'monitor-smartphone': monitorSmartphone,
  moon,
  navigation,
  pause,
  pencil,
  phone,
  plus,
  power,
  printer,
  'qr-code': qrCode,
  'receipt-text': receiptText,
  'refresh-cw': refreshCw,
  route,
  'scroll-text': scrollText,
  search,
  'message-square-text': messageSquareText,
  'send-horizontal': sendHorizontal,
  'shield-alert': shieldAlert,
  settings,
  'shield-check': shieldCheck,
  'share-2': share2,
  smartphone,
  'square-terminal': squareTerminal,
  star,
  sun,
  timer,
  'trash-2': trash2,
  'triangle-alert': triangleAlert,
  'undo-2': undo2,
  upload,
  user,
  'user-round-x': userRoundX,
  users,
  'volume-2': volume2,
  'volume-x': volumeX,
  'users-round': usersRound,
  wallet,
  'wifi-off': wifiOff,
  x,
  zap,
  'sliders-horizontal': slidersHorizontal,
  house,
  bookmark,
  repeat,
  'arrow-left-right': arrowLeftRight,
  'paw-print': pawPrint,
  baby,
}
export type IconName = keyof typeof SOURCES

/** The shapes inside the svg element, without its licence comment (named in the README) and attributes. */
const SHAPES = Object.fromEntries(
  Object.entries(SOURCES).map(([name, source]) => [name, raw(shapesOf(source))]),
) as Record<IconName, Html>

function shapesOf(source: string): string {
  return source
    .slice(source.indexOf('>', source.indexOf('<svg')) + 1, source.lastIndexOf('</svg>'))
    .replaceAll(/\s*\n\s*/g, '')
}

/** One icon in the colour of its text; 20 px unless the style sheet says otherwise. Hidden from screen readers. */
export function icon(name: IconName): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${SHAPES[name]}</svg>`
}
