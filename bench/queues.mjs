// Everybody's queues behind one shape, on the same PostgreSQL:
//
//   submit(n)             one job
//   fill(count)           many, however it's done fastest
//   worker(places)        is connected, and returns what begins to do jobs, so many at a time: that calls
//                         `done` for each, and returns what stops it
//   close()

let queues = 0;
const toQueue = () => `bench-${process.pid}-${queues++}`;
const url = () => process.env.RXVISOR_PG_URL;

export const rxvisor = async () => {
  const { BrokerTaskBackend } = await import('../dist/broker/index.js');
  const queue = toQueue();
  const options = { connectionString: url(), schema: 'rxvisor', queue };
  const submitter = new BrokerTaskBackend(options);
  await submitter.initialize();
  const submit = (n) => submitter.submit({ type: 'noop', n });
  return {
    submit,
    fill: (count) => Promise.all(Array.from({ length: count }, (_, n) => submit(n))),
    worker: async (places) => {
      const worker = new BrokerTaskBackend({ ...options, concurrency: places });
      await worker.initialize();
      return (done) => {
        worker.setExecutor(done);
        return () => worker.shutdown();
      };
    },
    close: () => submitter.shutdown(),
  };
};

/** Tuned: notified, in batches, and at once for more when a batch was full. */
export const pgBoss = async () => {
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({ connectionString: url(), schema: 'bare', useListenNotify: true });
  boss.on('error', () => undefined);
  await boss.start();
  const queue = toQueue();
  await boss.createQueue(queue, { notify: true });
  return {
    submit: (n) => boss.send(queue, { type: 'noop', n }),
    fill: (count) =>
      boss.insert(
        queue,
        Array.from({ length: count }, (_, n) => ({ data: { type: 'noop', n } })),
      ),
    worker: (places) => async (done) => {
      const options = {
        batchSize: places,
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: 0.5,
      };
      await boss.work(queue, options, async (jobs) => {
        for (const job of jobs) done(job);
      });
      return () => boss.offWork(queue);
    },
    close: () => boss.stop({ graceful: false }),
  };
};

/** Tuned: jobs are claimed and completed by the hundred, and the connections are as many as ours. */
export const graphileWorker = async () => {
  const { Logger, makeWorkerUtils, run } = await import('graphile-worker');
  const settings = { connectionString: url(), logger: new Logger(() => () => undefined) };
  const utils = await makeWorkerUtils(settings);
  await utils.migrate();
  const queue = toQueue();
  return {
    submit: (n) => utils.addJob(queue, { type: 'noop', n }),
    fill: (count) =>
      utils.addJobs(
        Array.from({ length: count }, (_, n) => ({
          identifier: queue,
          payload: { type: 'noop', n },
        })),
      ),
    worker: (places) => async (done) => {
      const runner = await run({
        ...settings,
        noHandleSignals: true,
        taskList: { [queue]: (job) => done(job) },
        preset: {
          worker: {
            concurrentJobs: places,
            maxPoolSize: 10,
            pollInterval: 500,
            localQueue: { size: 500 },
            completeJobBatchDelay: 0,
          },
        },
      });
      return () => runner.stop();
    },
    close: () => utils.release(),
  };
};
