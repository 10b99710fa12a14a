import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{object,parse,string}from"./chunk-NH5VGU75.js";import{problem}from"./chunk-42GMBGG7.js";import{execFile}from"node:child_process";import{dirname,join}from"node:path";import{promisify}from"node:util";var ASK=`
import json, os, platform, sys
base = getattr(sys, "_base_executable", None) or sys.executable
try:
    import sysconfig
    soabi = sysconfig.get_config_var("SOABI") or ""
except Exception:
    soabi = ""
print(json.dumps({
    "python": os.path.realpath(base),
    "version": platform.python_version(),
    "implementation": platform.python_implementation(),
    "soabi": soabi,
}), flush=True)
os._exit(0)
`,answerSchema=object({python:string(),version:string(),implementation:string(),soabi:string()}),LIMIT=3e4;async function baseInterpreter(python,asking={}){try{return await ask(python,["-I"],asking)}catch(cause){throw problem("settings",`the interpreter ${python} can't be run`,{cause})}}function layoutInterpreter(folder,asking){return ask(join(folder,"bin","python"),["-I","-S","-B"],asking)}async function pexInterpreter(pex,{env,cancel}){return ask(pex,[],{env:{...env,PEX_INTERPRETER:"1"},...cancel&&{cancel}}).catch(()=>null)}async function ask(program,options,{env=process.env,cancel}){let{stdout}=await promisify(execFile)(program,[...options,"-c",ASK],{env:{...env},timeout:LIMIT,killSignal:"SIGKILL",...cancel&&{signal:cancel}}),answer=parse(answerSchema,JSON.parse(stdout.trimEnd().split(`
`).at(-1)??""));return{...answer,home:dirname(answer.python)}}function interpreterRecord({python,version,implementation}){return{path:python,version,implementation}}function abiTag(soabi){return soabi.split("-").slice(0,2).join("-")}function shortVersion(version){return version.split(".").slice(0,2).join(".")}export{baseInterpreter,layoutInterpreter,pexInterpreter,interpreterRecord,abiTag,shortVersion};
