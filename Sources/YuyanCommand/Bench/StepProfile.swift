import Yuyan

/// Where the time of a training step goes.
struct StepProfile {
    static let phases = ["data", "forward", "backward", "update"]

    /// The kernels of one phase, module, name and shape.
    struct Kernel {
        var event: ProfileEvent
        /// How often it runs in a step.
        var count: Double
        /// The time in a step.
        var seconds: Double
        var operations: Double { Double(event.operations) * count }
        var bytes: Double { Double(event.bytes) * count }
        /// Copies of images into another layout.
        var reorders: Int { event.reorders * Int(count) }
    }

    /// The median seconds of each phase, while nothing is recorded.
    var phaseSeconds: [String: Double]
    /// In order of their first run.
    var kernels: [Kernel]
    /// The last recorded steps, for a trace.
    var trace: [ProfileEvent]

    private static let tracedSteps = 3

    /// Trains for about a second without, then for about a second with recording.
    init<Batch>(
        _ batches: some Batches<Batch>, _ optimizer: any Optimizer, computing compute: @escaping (Batch) -> StepResult
    ) {
        var iterator = batches.makeIterator()
        func nextBatch() -> Batch {
            if let batch = iterator.next() { return batch }
            iterator = batches.makeIterator()
            guard let batch = iterator.next() else { fatalError("profile: the training set is empty") }
            return batch
        }
        /// One step, each part of which runs inside `measure`, with the name of its phase and of what is no module.
        func step(_ measure: (String, String, () -> Void) -> Void) {
            var batch: Batch?
            var loss: Tensor?
            measure("data", "data") { batch = nextBatch() }
            // Modules name themselves; the rest is the loss.
            measure("forward", "loss") { loss = compute(batch!).loss }
            measure("backward", "loss") {
                optimizer.zeroGradients()
                loss!.backward()
            }
            measure("update", "update") { optimizer.step() }
        }

        let clock = ContinuousClock()
        for _ in 0..<10 { step { $2() } }
        var times: [String: [Double]] = [:]
        var end = clock.now + .seconds(1)
        repeat {
            var sums: [String: Double] = [:]
            step { phase, _, body in sums[phase, default: 0] += clock.measure(body) / .seconds(1) }
            for (phase, seconds) in sums { times[phase, default: []].append(seconds) }
        } while clock.now < end
        phaseSeconds = times.mapValues(StepProfile.median)

        let recorder = Recorder.ofModules()
        var steps: [[ProfileEvent]] = []
        end = clock.now + .seconds(1)
        repeat {
            recorder.listen { step { recorder.measure(phase: $0, scope: $1, $2) } }
            steps.append(recorder.events)
            recorder.removeAllEvents()
        } while clock.now < end && steps.count < 1000
        kernels = StepProfile.kernels(of: steps)
        trace = steps.suffix(StepProfile.tracedSteps).flatMap { $0 }
    }

    private static func kernels(of steps: [[ProfileEvent]]) -> [Kernel] {
        struct Key: Hashable { var phase, scope, name, shapes: String }
        var order: [Key] = []
        var groups: [Key: (event: ProfileEvent, seconds: [Double])] = [:]
        for event in steps.joined() where event.kind == .kernel {
            let key = Key(phase: event.phase, scope: event.scope, name: event.name, shapes: event.shapes)
            if groups[key] == nil { order.append(key) }
            groups[key, default: (event, [])].seconds.append(Double(event.duration) / 1e9)
        }
        return order.compactMap { key in
            guard let group = groups[key] else { return nil }
            let count = Double(group.seconds.count) / Double(steps.count)
            // What only some steps do, such as the smaller last batch of an epoch, is left out.
            guard count >= 0.5 else { return nil }
            return Kernel(event: group.event, count: count.rounded(), seconds: median(group.seconds) * count.rounded())
        }
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
