/** Under which name a browser keeps how the page is to look; pages of logging in follow it. */
export const LOOK_KEY = 'holdfast.theme';
