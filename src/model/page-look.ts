/** The key of the chosen look in the storage of the browser; the login pages follow it. */
export const LOOK_KEY = 'holdfast.theme';
