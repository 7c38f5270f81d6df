// What an error of gcc, clang, ld or modpost is about: the names it quotes, and whether two texts must change at once.

const quoted = /['"`\u2018\u201c]([^'"`\u2018\u2019\u201c\u201d]+)['"\u2019\u201d]/g;
const mutual =
  /too (?:few|many) arguments|conflicting types|redefinition|redeclar|redefined|incompatible|macro ".*" (?:requires|passed)|multiple definition|duplicate|static declaration|non-static|previous|invalid operands|makes (?:pointer|integer)|void value|^expected |without a previous|without #if|unterminated|not within a/;

/** Identifiers in the quoted parts of a message: "'struct ring' has no member named 'bias'" gives ring and bias. */
export function namesInMessage(message: string): Set<string> {
  const names = new Set<string>();
  for (const [, text] of message.matchAll(quoted))
    for (const [word] of text!.matchAll(/[A-Za-z_]\w*/g)) if (!isKeyword(word)) names.add(word);
  const linked = /undefined reference to .(\w+)|multiple definition of .(\w+)/.exec(message);
  const name = linked?.[1] ?? linked?.[2];
  if (name !== undefined) names.add(name);
  const file = /^([\w./-]+\.h): No such file/.exec(message)?.[1];
  if (file !== undefined) names.add(file.split("/").at(-1)!);
  return names;
}

/** Whether the message tells of two places that disagree, rather than of something that is missing. */
export function isMutual(message: string): boolean {
  return mutual.test(message);
}

function isKeyword(word: string): boolean {
  return /^(?:struct|union|enum|const|void|int|char|long|short|unsigned|signed|static|inline|if|else|endif|ifdef|ifndef|u8|u16|u32|u64|bool)$/.test(
    word,
  );
}
