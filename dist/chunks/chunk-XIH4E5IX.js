import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{mkdtemp,realpath}from"node:fs/promises";import{tmpdir}from"node:os";import{join}from"node:path";async function workFolder(env){let runner=env.RUNNER_TEMP??"";return mkdtemp(join(await realpath(runner===""?tmpdir():runner),"exitproof-"))}export{workFolder};
