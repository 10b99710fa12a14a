/** A variable whose name says that its value is nobody's business. */
const NAME = /TOKEN|SECRET|PASSW(OR)?D|PASSPHRASE|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY/i;
/** `user:password@` in a URL, as index settings carry it. */
const USERINFO = /\/\/([^\s/@]+)@/g;

/** Shorter ones would blot out half of every dump. */
const SHORTEST = 6;

/**
 * Words of the environment that may stand in no dump and no excerpt: values of variables named like a secret,
 * each line of a long one by itself, and the user information of URLs. Longest first, so that a secret that holds
 * another is masked whole.
 */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const words = new Set<string>();
  const add = (word: string): void => {
    if (word.trim().length >= SHORTEST) words.add(word.trim());
  };
  for (const [name, value = ''] of Object.entries(env)) {
    if (NAME.test(name)) for (const line of value.split(/\r?\n/)) add(line);
    for (const [, userinfo = ''] of value.matchAll(USERINFO)) {
      add(userinfo);
      add(userinfo.slice(userinfo.indexOf(':') + 1));
    }
  }
  return [...words].sort((a, b) => b.length - a.length);
}
