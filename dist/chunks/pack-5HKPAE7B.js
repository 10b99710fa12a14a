import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{copyLayout,executableName}from"./chunk-FO2LCW3L.js";import{LAYOUT_FILE,OWN_FOLDER,TOKEN,boundAbi,byBytes,seal,sha256File}from"./chunk-CUJPKM3I.js";import{mapBounded}from"./chunk-KZN2E7KY.js";import{shownPath}from"./chunk-R56ZQ7A2.js";import{partOf,sweepParts}from"./chunk-YGJONO7A.js";import{shortVersion}from"./chunk-7LEB3NWX.js";import"./chunk-AZAGTYFF.js";import"./chunk-NH5VGU75.js";import{isProblem,problem}from"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";import{join as join3}from"node:path";import{createHash}from"node:crypto";import{createReadStream,createWriteStream}from"node:fs";import{lstat,mkdir,readdir,readFile,readlink,rename,rm,writeFile}from"node:fs/promises";import{basename,dirname,join}from"node:path";import{PassThrough}from"node:stream";import{pipeline}from"node:stream/promises";var FIRST_DOS_TIME=315532800,STREAMED_FROM=32<<20;async function writeArchive(options){let archive=await archiverFor(options.format),part=partOf(options.destination);await mkdir(dirname(options.destination),{recursive:!0}),await sweepParts(options.destination);let hash=createHash("sha256"),sink=new PassThrough().on("data",chunk=>hash.update(chunk)),broken=new AbortController;archive.pipe(sink);for(let event of["warning","error"])archive.on(event,error=>sink.destroy(error));try{let written=pipeline(sink,createWriteStream(part)).catch(error=>{throw broken.abort(error),archive.unpipe().resume(),error}),filled=append(archive,options,broken.signal).then(()=>archive.finalize()).catch(error=>{throw sink.destroy(error instanceof Error?error:new Error(String(error))),error}),[outcome,pipe]=await Promise.allSettled([filled,written]);if(outcome.status==="rejected")throw outcome.reason;if(pipe.status==="rejected")throw pipe.reason;let sha256=hash.digest("hex");return await writeFile(`${options.destination}.sha256`,`${sha256}  ${basename(options.destination)}
`),await rename(part,options.destination),{path:options.destination,sha256}}catch(error){for(let file of[options.destination,`${options.destination}.sha256`])await rm(file,{force:!0}).catch(()=>{});if(isProblem(error))throw error;let reason=error instanceof Error?error.message:String(error);throw problem("build",`the archive could not be written: ${reason}`,{cause:error})}finally{await rm(part,{force:!0})}}async function archiverFor(format){let{TarArchive,ZipArchive}=await import("./archiver-R57PN75Y.js");switch(format){case"tar":return new TarArchive;case"tar.gz":return new TarArchive({gzip:!0,gzipOptions:{level:6}});case"zip":return new ZipArchive({zlib:{level:6}})}}async function append(archive,options,broken){let date=new Date(Math.max(options.epoch,FIRST_DOS_TIME)*1e3);for(let path of(await list(options.folder,"")).sort(byBytes)){broken.throwIfAborted();let full=join(options.folder,path),stats=await lstat(full),mode=stats.mode&511,common={name:`${options.root}/${path}`,mode,date};if(stats.isSymbolicLink()){let link={...common,mode:511,type:"symlink",linkname:await readlink(full)};await add(archive,"",link)}else if(stats.isDirectory())await add(archive,"",{...common,type:"directory"});else if(stats.isFile()){let source=stats.size>STREAMED_FROM?createReadStream(full):await readFile(full);await add(archive,source,{...common,type:"file",stats})}else throw problem("build",`${full} is neither a file nor a folder nor a link, so it can't be archived`)}}function add(archive,source,data){return new Promise((done,failed)=>{let forget=()=>{archive.off("entry",onEntry).off("error",onError)},onEntry=()=>{forget(),done()},onError=error=>{forget(),failed(error)};archive.on("entry",onEntry).on("error",onError),typeof source!="string"&&!Buffer.isBuffer(source)&&source.once("error",onError),archive.append(source,data)})}async function list(root,below){let found=[];for(let item of await readdir(join(root,below),{withFileTypes:!0})){let path=below===""?item.name:`${below}/${item.name}`;found.push(path),item.isDirectory()&&found.push(...await list(root,path))}return found}import{chmod,mkdir as mkdir2,writeFile as writeFile2}from"node:fs/promises";import{join as join2}from"node:path";var RELOCATE=String.raw`#!/bin/sh
# Fits this layout to the folder it lies in. Run it once after unpacking, and after each move.
# usage: .exitproof/relocate [PYTHON]
set -eu
LC_ALL=C
export LC_ALL

fail() { printf 'relocate: %s\n' "$1" >&2; exit 1; }

own=$(cd "$(dirname "$0")" && pwd -P)
layout=$(dirname "$own")
case $layout in *[[:space:]]*) fail "the path of the layout may not contain a space: $layout" ;; esac
[ "\${#layout}" -le 230 ] || fail "the path of the layout is too long for the first line of a script: $layout"
cd "$layout"

wanted=$(cat .exitproof/python-version)
abi=$(cat .exitproof/python-abi)
python=\${1:-python$wanted}
command -v "$python" >/dev/null 2>&1 || fail "there is no $python: name one, .exitproof/relocate /path/to/python$wanted"
answer=$("$python" -I -c 'import os, sys, sysconfig
print("%d.%d" % sys.version_info[:2])
print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
print(sysconfig.get_config_var("SOABI") or "")') || fail "$python does not run"
version=$(printf '%s\n' "$answer" | sed -n 1p)
python=$(printf '%s\n' "$answer" | sed -n 2p)
[ "$version" = "$wanted" ] || fail "this layout is for Python $wanted, and $python is $version"
given=$(printf '%s\n' "$answer" | sed -n 3p)
# Where nothing in the layout is compiled, only the beginning is named: Python alone runs on every system.
[ -z "$abi" ] || [ -z "$given" ] || case $given- in "$abi"-*) true ;; *) false ;; esac \
  || fail "this layout is for the ABI $abi, and that of $python is $given"

# The first time: verify everything, then keep what is to be filled in.
if [ ! -d .exitproof/templates ]; then
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum -c .exitproof/sha256sums >/dev/null || fail 'the layout is not what was checked'
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 -c .exitproof/sha256sums >/dev/null || fail 'the layout is not what was checked'
  else
    printf 'relocate: neither sha256sum nor shasum is here: not verified\n' >&2
  fi
  sed 's/^[0-9a-f]*  //' .exitproof/sha256sums > .exitproof/listed
  find . -path ./.exitproof -prune -o -type f -print | sed 's|^\./||' > .exitproof/found
  # Not comm, which not every busybox has. What is listed stands here twice at least.
  added=$(sort .exitproof/listed .exitproof/listed .exitproof/found | uniq -u | sed -n 1p)
  rm -f .exitproof/listed .exitproof/found
  [ -z "$added" ] || fail "the layout is not what was checked: $added was added"
  [ -x "$(cat .exitproof/executable)" ] || fail 'the layout has lost its modes where it was unpacked or uploaded'
  rm -rf .exitproof/templates.part
  while IFS= read -r file; do
    mkdir -p ".exitproof/templates.part/$(dirname "$file")"
    cp -p "$file" ".exitproof/templates.part/$file"
  done < .exitproof/filled
  mkdir -p .exitproof/templates.part
  mv .exitproof/templates.part .exitproof/templates
fi

quoted() { printf '%s\n' "$1" | sed 's/[\\&|]/\\&/g'; }
layout_value=$(quoted "$layout")
home_value=$(quoted "$(dirname "$python")")
python_value=$(quoted "$python")

while IFS= read -r file; do
  rm -f "$file.part"
  cp -p ".exitproof/templates/$file" "$file.part"
  chmod u+w "$file.part"
  sed -e "s|@LAYOUT@|$layout_value|g" -e "s|@HOME@|$home_value|g" -e "s|@PYTHON@|$python_value|g" \
    ".exitproof/templates/$file" > "$file.part"
  mv -f "$file.part" "$file"
done < .exitproof/filled

while IFS= read -r link; do
  ln -sf "$python" "$link"
done < .exitproof/python-links

printf '%s\n' "$layout/$(cat .exitproof/executable)"
`.replaceAll("\\$","$").replace("@LAYOUT@",TOKEN.layout).replace("@HOME@",TOKEN.home).replace("@PYTHON@",TOKEN.python);async function writePortable({folder,layout,destination}){let portable=await copyLayout({folder,manifest:layout.manifest,destination,as:"frozen"}),files=layout.manifest.filter(entry=>entry.kind==="file");await mapBounded(files,4,async({path,sha256})=>{if(await sha256File(join2(portable,path))!==sha256)throw problem("build",`no archive: ${path} in ${folder} has changed since the program was checked`)});let own=join2(portable,OWN_FOLDER);await mkdir2(own);let links=layout.manifest.filter(entry=>entry.kind==="link"&&entry.target===TOKEN.python),sums=["sha256sums",files.map(file=>`${file.sha256}  ${file.path}`)],relocation=[["filled",files.filter(file=>file.tokens).map(file=>file.path)],["python-links",links.map(link=>link.path)],["python-abi",[boundAbi(layout.info)]],["python-version",[shortVersion(layout.info.interpreter.version)]],["executable",[layout.info.executable]]],movable=layout.info.layout!=="venv",lists=movable?[sums]:[sums,...relocation];for(let[name,lines]of lists)await writeFile2(join2(own,name),lines.map(line=>`${line}
`).join(""));await writeFile2(join2(portable,LAYOUT_FILE),seal(layout)),movable||await writeFile2(join2(own,"relocate"),RELOCATE);for(let[name]of lists)await chmod(join2(own,name),420);return await chmod(join2(portable,LAYOUT_FILE),420),movable||await chmod(join2(own,"relocate"),493),await chmod(own,493),await chmod(portable,493),portable}function packLayout({format,obtained,layout,output,cwd,job}){return job.log.stage("Archive",async()=>{let name=executableName(obtained.plan),[{tree}]=obtained.products;if(layout===null)return job.log.warning("no archive: the layout holds paths of this machine and could not run elsewhere"),null;let folder=await writePortable({folder:tree.folder,layout,destination:join3(job.work,"archive")}),{path,sha256}=await writeArchive({folder,format,destination:join3(output,`${name}.${format}`),root:name,epoch:obtained.plan.sourceDateEpoch});return job.log.info(`${shownPath(path,cwd)}, sha256 ${sha256}`),tree.layout==="venv"&&job.log.info("unpacked, it runs after .exitproof/relocate in it was run once, and again after each move"),{path:shownPath(path,cwd),sha256}})}export{packLayout};
