import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{hasGithubCache,openStore}from"./chunk-6P5UGVBC.js";import"./chunk-K6BHYCTJ.js";import"./chunk-MOOPV5XM.js";import"./chunk-YGJONO7A.js";import"./chunk-KCZM5EHL.js";import"./chunk-PAFJBY37.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{hasGithubCache,openStore};
