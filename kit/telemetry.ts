/** Metrics in Prometheus' terms: one registry for a process, every series labelled by service. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type Telemetry = {
  readonly registry: Registry
  counter<L extends string>(name: string, help: string, labels: readonly L[]): Counter<L>
  gauge<L extends string>(name: string, help: string, labels: readonly L[]): Gauge<L>
  /** Buckets in seconds suit requests. */
  histogram<L extends string>(name: string, help: string, labels: readonly L[]): Histogram<L>
}

const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** With `processMetrics`, event-loop lag, memory and descriptors of this process are there too. */
export function createTelemetry(options: { processMetrics: boolean }): Telemetry {
  const registry = new Registry()
  if (options.processMetrics) collectDefaultMetrics({ register: registry })
  const known = new Map<string, unknown>()
  const once = <M>(name: string, make: () => M): M => {
    const metric = (known.get(name) as M | undefined) ?? make()
    known.set(name, metric)
    return metric
  }
  return {
    registry,
    counter: (name, help, labels) =>
      once(name, () => new Counter({ name, help, labelNames: [...labels], registers: [registry] })),
    gauge: (name, help, labels) =>
      once(name, () => new Gauge({ name, help, labelNames: [...labels], registers: [registry] })),
    histogram: (name, help, labels) =>
      once(
        name,
        () =>
          new Histogram({
            name,
            help,
            labelNames: [...labels],
            buckets: SECONDS_BUCKETS,
            registers: [registry],
          }),
      ),
  }
}
