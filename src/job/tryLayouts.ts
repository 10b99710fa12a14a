import type { Boot } from '../build/builder.ts';
import { builderOf } from '../build/builders.ts';
import type { Report } from '../report/model.ts';
import type { Settings } from '../settings/settings.ts';
import type { Job } from './job.ts';
import { layoutToShip, otherLayout } from './layouts.ts';
import { openLending, type TakenBack } from './lending.ts';
import { bootEnvironment, type Obtained, type Product, shipInstead } from './obtain.ts';
import { type Checkout, type Subject, smoke } from './smoke.ts';

/** The smoke in each layout that was asked for, and in the other one where that tells more; then what is shipped. */
export async function tryLayouts(
  settings: Settings,
  asked: Obtained,
  checkout: Checkout | null,
  job: Job,
): Promise<Pick<Report, 'runs' | 'soak'> & TakenBack> {
  let obtained = asked;
  const lending = openLending(job);
  const lent = async (product: Product): Promise<Subject> =>
    subjectOf(product, await lending.lend(product), obtained, job);
  try {
    const subjects: Subject[] = [];
    for (const product of asked.products) subjects.push(await lent(product));
    const packagerFiles = subjects.flatMap((subject) => subject.packagerFiles);
    const { seen, atLarge } = await smoke(settings, subjects, checkout, job, async (runs) => {
      const layout = otherLayout(settings, runs, packagerFiles);
      if (layout === null) return null;
      job.log.info(`a stall that the ${layout} layout may not have: it is tried, too`);
      try {
        obtained = await job.interruptible((own) => asked.also(layout, own));
        const [product] = obtained.products.slice(-1);
        return product === undefined ? null : await lent(product);
      } catch (error) {
        const why = `the ${layout} layout could not be tried: ${reasonOf(error)}`;
        if (!job.cancel.aborted) job.log.warning(why);
        return null;
      }
    });
    const back = await lending.takeBack(obtained, atLarge);
    const ships = layoutToShip(settings, seen);
    return { ...seen, ...back, obtained: shipInstead(back.obtained, ships, settings.cwd) };
  } catch (error) {
    await lending.takeBack(obtained, []).catch(() => {});
    throw error;
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function subjectOf(
  { layout, interpreter }: Product,
  boot: Boot,
  { plan, build }: Obtained,
  job: Job,
): Subject {
  return {
    layout,
    program: boot.program,
    env: bootEnvironment(boot, plan, job.env),
    packagerFiles: builderOf(plan.builder.name).packagerFiles(boot, plan),
    interpreter: interpreter ?? build.interpreter,
  };
}
