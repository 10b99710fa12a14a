import { expect, test } from 'vitest';
import { secretsOf } from '../../src/secrets.ts';

test('values of variables named like a secret are secrets', () => {
  expect(
    secretsOf({
      GITHUB_TOKEN: 'ghs_abcdef',
      DB_PASSWORD: 'correct horse',
      API_KEY: 'k-123456',
      HOME: '/home/me',
    }),
  ).toEqual(['correct horse', 'ghs_abcdef', 'k-123456']);
});

test('each line of a key is one', () => {
  expect(secretsOf({ DEPLOY_PRIVATE_KEY: '-----BEGIN\nabcdefgh\n\n-----END--' })).toEqual([
    '-----BEGIN',
    '-----END--',
    'abcdefgh',
  ]);
});

test('user and password of an index URL are secrets, whatever the variable is called', () => {
  expect(secretsOf({ PIP_INDEX_URL: 'https://robot:hunter22@index.example/simple' })).toEqual([
    'robot:hunter22',
    'hunter22',
  ]);
});

test('a value too short to be told from text is left alone', () => {
  expect(secretsOf({ USE_TOKEN: 'true', EMPTY_SECRET: '', UNSET_TOKEN: undefined })).toEqual([]);
});
