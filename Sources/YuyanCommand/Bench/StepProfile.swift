import Yuyan

/// Where the time of a training step goes.
struct StepProfile {
    static let phases = ["data", "forward", "backward", "update"]

    /// The kernels of one phase, module, name and implementation.
    struct Kernel {
        /// The first of them.
        var event: ProfileEvent
        /// How often it runs in a step.
        var count: Double
        /// The time in a step.
        var seconds: Double
        /// Floating-point operations and bytes in a step.
        var operations, bytes: Double
        /// Copies into other layouts in a step, with their median times.
        var reorders: [Reorder]
    }

    /// What a module, or a part of the step outside all modules, asked for.
    struct Layer {
        /// The module's path and class.
        var scope: String
        /// Of all phases, in order.
        var kernels: [Kernel]
    }

    /// In order of their first run.
    var layers: [Layer] {
        var places: [String: Int] = [:]
        var layers: [Layer] = []
        for kernel in kernels {
            let scope = kernel.event.scope
            if let place = places[scope] {
                layers[place].kernels.append(kernel)
            } else {
                places[scope] = layers.count
                layers.append(Layer(scope: scope, kernels: [kernel]))
            }
        }
        return layers
    }

    /// The median seconds of each phase, while nothing is recorded.
    var phaseSeconds: [String: Double]
    /// In order of their first run.
    var kernels: [Kernel]
    /// The last recorded steps, for a trace.
    var trace: [ProfileEvent]

    private static let tracedSteps = 3

    /// Trains for so many seconds without, then as long with recording, after a warm-up.
    init<Batch>(
        _ batches: some Batches<Batch>, _ optimizer: any Optimizer, seconds: Double,
        computing compute: @escaping (Batch) -> StepResult
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
        for _ in 0..<3 { step { $2() } }
        var end = clock.now + .seconds(seconds / 5)
        while clock.now < end { step { $2() } }
        var times: [String: [Double]] = [:]
        end = clock.now + .seconds(seconds)
        repeat {
            var sums: [String: Double] = [:]
            step { phase, _, body in sums[phase, default: 0] += clock.measure(body) / .seconds(1) }
            for (phase, seconds) in sums { times[phase, default: []].append(seconds) }
        } while clock.now < end
        phaseSeconds = times.mapValues(StepProfile.median)

        let recorder = Recorder.ofModules()
        var steps: [[ProfileEvent]] = []
        end = clock.now + .seconds(seconds)
        repeat {
            recorder.listen { step { recorder.measure(phase: $0, scope: $1, $2) } }
            steps.append(recorder.events)
            recorder.removeAllEvents()
        } while clock.now < end && steps.count < 1000
        kernels = StepProfile.kernels(of: steps)
        trace = steps.suffix(StepProfile.tracedSteps).flatMap { $0 }
    }

    private static func kernels(of steps: [[ProfileEvent]]) -> [Kernel] {
        struct Place: Hashable { var phase, scope, name, implementation: String }
        struct Key: Hashable { var place: Place, shapes: String }
        var order: [Key] = []
        var groups: [Key: [ProfileEvent]] = [:]
        for event in steps.joined() where event.kind == .kernel {
            let place = Place(
                phase: event.phase, scope: event.scope, name: event.name, implementation: event.implementation)
            let key = Key(place: place, shapes: event.shapes)
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(event)
        }
        var rows: [Place: Int] = [:]
        var kernels: [Kernel] = []
        for key in order {
            guard let group = groups[key] else { continue }
            let count = Double(group.count) / Double(steps.count)
            // What only some steps do, such as the smaller last batch of an epoch, is left out.
            guard count >= 0.5 else { continue }
            let kernel = kernel(of: group, count: count.rounded())
            if let row = rows[key.place] {
                kernels[row].add(kernel)
            } else {
                rows[key.place] = kernels.count
                kernels.append(kernel)
            }
        }
        return kernels
    }

    /// What runs `count` times in a step with the same shapes.
    private static func kernel(of events: [ProfileEvent], count: Double) -> Kernel {
        let first = events[0]
        var reorders = first.reorders
        for place in reorders.indices {
            reorders[place].nanoseconds = median(
                events.compactMap { $0.reorders.count > place ? $0.reorders[place].nanoseconds : nil })
        }
        return Kernel(
            event: first, count: count, seconds: median(events.map { Double($0.duration) / 1e9 }) * count,
            operations: Double(first.operations) * count, bytes: Double(first.bytes) * count,
            reorders: Array(repeatElement(reorders, count: Int(count)).joined()))
    }

    private static func median<Value: Comparable>(_ values: [Value]) -> Value { values.sorted()[values.count / 2] }
}

extension StepProfile.Kernel {
    fileprivate mutating func add(_ other: Self) {
        count += other.count
        seconds += other.seconds
        operations += other.operations
        bytes += other.bytes
        reorders += other.reorders
    }
}
