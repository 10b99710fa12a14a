const PROJECT = `
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "sample"
version = "1"

[project.scripts]
`;

/** A project with one console script, `sample`. */
export const oneScript = {
  'pyproject.toml': `${PROJECT}sample = "sample:main"\n`,
  'sample.py': 'def main(): pass\n',
};

export interface Refusal {
  readonly what: string;
  readonly files?: Readonly<Record<string, string>>;
  /** For the CLI. */
  readonly args: readonly string[];
  /** The same by the action's inputs; absent where an action can't be asked it. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** What the sentence must name. */
  readonly says: readonly (string | RegExp)[];
}

/** What is refused before anything runs: by the CLI with exit code 2, by the action as well. */
export const refusals: readonly Refusal[] = [
  {
    what: 'an unknown flag',
    files: oneScript,
    args: ['check', '--smokes=x'],
    inputs: { smokes: 'x' },
    says: ['smokes', /smoke(?!s)/],
  },
  { what: 'an unknown command', args: ['chek'], says: ['chek', 'check'] },
  { what: 'no command', args: [], says: ['check'] },
  { what: 'run without a command', args: ['run'], says: ['run'] },
  {
    what: 'an unknown setting in pyproject.toml',
    files: {
      ...oneScript,
      'pyproject.toml': `${oneScript['pyproject.toml']}\n[tool.exitproof]\nsmokes = ["x"]\n`,
    },
    args: ['check'],
    inputs: {},
    says: ['smokes', /pyproject\.toml|tool\.exitproof/],
  },
  {
    what: 'a pyproject.toml that is no TOML',
    files: { 'pyproject.toml': '[project\nname = 1' },
    args: ['check'],
    inputs: {},
    says: ['pyproject.toml'],
  },
  {
    what: 'a bare number as a duration',
    files: oneScript,
    args: ['check', '--run-timeout', '10'],
    inputs: { 'run-timeout': '10' },
    says: ['run-timeout', '10', '10s'],
  },
  {
    what: 'a duration without a meaning',
    files: oneScript,
    args: ['check', '--teardown-timeout', 'soon'],
    inputs: { 'teardown-timeout': 'soon' },
    says: ['teardown-timeout', 'soon'],
  },
  {
    what: 'a boolean that is none',
    files: oneScript,
    args: ['check', '--json=maybe'],
    says: ['json', 'maybe', 'true', 'false'],
  },
  {
    what: 'a choice that is none',
    files: oneScript,
    args: ['check', '--layouts', 'zip'],
    inputs: { layouts: 'zip' },
    says: ['layouts', 'zip', 'zipapp', 'venv'],
  },
  {
    what: 'a negative soak',
    files: oneScript,
    args: ['check', '--soak=-5'],
    inputs: { soak: '-5' },
    says: ['soak', '-5', 'from 1 to'],
  },
  {
    what: 'a soak of nothing',
    files: oneScript,
    args: ['check', '--soak', '0'],
    inputs: { soak: '0' },
    says: ['soak', '0', 'from 1 to'],
  },
  {
    what: 'a huge soak',
    files: oneScript,
    args: ['check', '--soak', '1000000000'],
    inputs: { soak: '1000000000' },
    says: ['soak', '1000000000', 'from 1 to'],
  },
  {
    what: 'a bad shard',
    files: oneScript,
    args: ['check', '--shard', '4/3'],
    inputs: { shard: '4/3' },
    says: ['shard', '4/3', '2/3'],
  },
  { what: 'no pyproject.toml and nothing else given', args: ['check'], inputs: {}, says: ['pyproject.toml'] },
  {
    what: 'several scripts and none chosen',
    files: { ...oneScript, 'pyproject.toml': `${PROJECT}first = "sample:main"\nsecond = "sample:main"\n` },
    args: ['check'],
    inputs: {},
    says: ['first', 'second', 'entry-point'],
  },
  {
    what: 'an unknown script',
    files: oneScript,
    args: ['check', '--entry-point', 'nobody'],
    inputs: { 'entry-point': 'nobody' },
    says: ['nobody', 'sample'],
  },
  {
    what: 'a Python that is nowhere',
    files: oneScript,
    args: ['check', '--python', '3.99'],
    inputs: { python: '3.99' },
    says: ['3.99'],
  },
  {
    what: 'a project folder that is missing',
    args: ['check', 'elsewhere'],
    inputs: { project: 'elsewhere' },
    says: ['elsewhere'],
  },
  {
    what: 'a lock that is none',
    files: { ...oneScript, 'requirements.txt': '<<<<<<< HEAD\nrich==13.0\n=======\n' },
    args: ['check'],
    inputs: {},
    says: ['requirements.txt'],
  },
  {
    what: 'an uv.lock that is none',
    files: { ...oneScript, 'uv.lock': 'this is no lock\n' },
    args: ['check'],
    inputs: {},
    says: ['uv.lock'],
  },
  {
    what: 'a lock of another tool alone',
    files: { ...oneScript, 'poetry.lock': '# poetry\n' },
    args: ['check'],
    inputs: {},
    says: ['poetry.lock', 'export'],
  },
  {
    what: 'a requirements file that is missing',
    files: oneScript,
    args: ['check', '--requirements', 'gone.txt'],
    inputs: { requirements: 'gone.txt' },
    says: ['gone.txt'],
  },
];
