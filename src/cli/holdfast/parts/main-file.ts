/** The file to give to `-c` for what a server reads, whose first file this is: without a main file that of the usual place is meant. */
export function mainFile(first: string | undefined): string | undefined {
  return first === undefined || /\/conf\.d\/[^/]+$/.test(first) ? undefined : first;
}
