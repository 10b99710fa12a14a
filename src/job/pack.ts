import { join } from 'node:path';
import { type ArchiveFormat, writeArchive } from '../archive/archive.ts';
import { writePortable } from '../layout/frozen/portable.ts';
import type { FrozenLayout } from '../layout/manifest.ts';
import type { Report } from '../report/model.ts';
import type { Job } from './job.ts';
import { executableName } from './names.ts';
import type { Obtained } from './obtain.ts';
import { shownPath } from './paths.ts';

export interface PackOptions {
  readonly format: ArchiveFormat;
  readonly obtained: Obtained;
  readonly layout: FrozenLayout | null;
  /** Absolute folder. */
  readonly output: string;
  readonly cwd: string;
  readonly job: Job;
}

/** Packs the first layout for download: a venv layout so that it can be fitted anywhere, any other as it is. */
export function packLayout({
  format,
  obtained,
  layout,
  output,
  cwd,
  job,
}: PackOptions): Promise<Report['archive']> {
  return job.log.stage('Archive', async () => {
    const name = executableName(obtained.plan);
    const [{ tree }] = obtained.products;
    if (layout === null) {
      job.log.warning('no archive: the layout holds paths of this machine and could not run elsewhere');
      return null;
    }
    const folder = await writePortable({
      folder: tree.folder,
      layout,
      destination: join(job.work, 'archive'),
    });
    const { path, sha256 } = await writeArchive({
      folder,
      format,
      destination: join(output, `${name}.${format}`),
      root: name,
      epoch: obtained.plan.sourceDateEpoch,
    });
    job.log.info(`${shownPath(path, cwd)}, sha256 ${sha256}`);
    if (tree.layout === 'venv') {
      job.log.info(
        'unpacked, it runs after .exitproof/relocate in it was run once, and again after each move',
      );
    }
    return { path: shownPath(path, cwd), sha256 };
  });
}
