// Everything that opens over the page, as one chunk that comes after the first paint.

export { Calendar } from './calendar';
export { Confirm, Dialog, Sheet } from './dialog';
export { Menu, MenuGroup, MenuItem, MenuRadio, MenuSeparator } from './menu';
export { Picker } from './picker';
export { Popover } from './popover';
export { Select } from './select';
