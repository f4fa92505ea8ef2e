/** Completion for bash and zsh, made from the records of the commands; names come from the server at the time of typing. */
import { optionsOf } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';

export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/** What completes an operand, as shell code that prints words. */
const OPERANDS: Readonly<Record<Command['completes'], (names: string) => string>> = {
  console: () => '$(holdfast ps --quiet 2>/dev/null)',
  command: (names) => names,
  shell: () => SHELLS.join(' '),
  file: () => '',
  token: () => 'create list revoke',
  nothing: () => '',
};

function cases(commands: readonly Command[], line: (name: string, words: string, files: boolean) => string): string {
  const names = commands.map(({ name }) => name).join(' ');
  return commands
    .map((command) => {
      const { name, completes } = command;
      const flags = optionsOf(command)
        .map((option) => `--${option.name}`)
        .join(' ');
      return line(name, `${OPERANDS[completes](names)} ${flags}`.trim(), completes === 'file');
    })
    .join('\n');
}

export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  if (shell === 'bash') {
    return `# bash completion for holdfast: source <(holdfast completion bash)
_holdfast() {
  local word=\${COMP_WORDS[COMP_CWORD]} words files=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${names}"
  else
    case \${COMP_WORDS[1]} in
${cases(commands, (name, words, files) => `      ${name}) words="${words}"${files ? ' files=1' : ''} ;;`)}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word"; [ -z "$files" ] || compgen -f -- "$word")
}
complete -F _holdfast holdfast
`;
  }
  return `#compdef holdfast
# zsh completion for holdfast: source <(holdfast completion zsh)
_holdfast() {
  local -a names
  if (( CURRENT == 2 )); then
    names=(
${commands.map(({ name, summary }) => `      '${name}:${summary.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`).join('\n')}
    )
    _describe command names
    return
  fi
  case $words[2] in
${cases(commands, (name, words, files) => `    ${name}) compadd -- ${words}${files ? '; _files' : ''} ;;`)}
  esac
}
compdef _holdfast holdfast
`;
}
