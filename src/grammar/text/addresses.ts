/** Addresses and networks in texts. Pure. */

/** ADDRESS or ADDRESS/BITS. The addresses are checked by shape; what else is wrong with one is that nobody has it. */
export function isNetwork(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const isV4 = /^\d{1,3}(\.\d{1,3}){3}$/.test(address) && address.split('.').every((byte) => Number(byte) <= 255);
  const isV6 = /^[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}$/.test(address);
  return (isV4 || isV6) && (bits === undefined || Number(bits) <= (isV4 ? 32 : 128));
}
