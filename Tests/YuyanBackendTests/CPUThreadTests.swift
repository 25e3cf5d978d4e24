#if OneDNN
    import Foundation
    import Synchronization
    import Testing
    import YuyanBackend

    /// One device, used from several threads, with signals, and beside other programs.
    @Suite struct CPUThreadTests {
        /// Runs `body` on a thread of its own and waits for it.
        private func onNewThread<Result>(_ body: @escaping () -> Result) -> Result {
            let (work, outcome, ended) = (Transfer(body), Outcome<Result>(), DispatchSemaphore(value: 0))
            let thread = Thread {
                outcome.value = work.value()
                ended.signal()
            }
            thread.start()
            ended.wait()
            return outcome.value!
        }

        /// Written by one thread, and read by another when that one has ended.
        private final class Outcome<Value>: @unchecked Sendable {
            var value: Value?
        }

        private struct Gradients {
            var output, input, weight: DeviceBuffer
        }

        private func passes(_ backend: some Backend, _ sample: ConvolutionCase, _ x: DeviceBuffer, _ w: DeviceBuffer)
            -> Gradients
        {
            let y = backend.convolution(x, w, bias: nil, sample.geometry)
            return Gradients(
                output: y,
                input: backend.convolutionInputGradient(y, w, inputShape: x.shape, sample.geometry),
                weight: backend.convolutionWeightGradient(
                    y, x, weightShape: w.shape, sample.geometry, includesBias: false
                ).weight)
        }

        /// The scratchpad of a primitive does not belong to the thread that made it.
        @Test func convolutionsMadeOnOneThreadRunOnAnother() {
            // Sizes of their own, so that they are made here; the second shape needs a larger scratchpad.
            let samples = [8, 24].map { channels in
                ConvolutionCase(
                    input: [2, channels, 11, 12], weight: [channels, channels, 3, 3],
                    geometry: .init(padding: [2, 2], dilation: [2, 2]))
            }
            for sample in samples + CPUConvolutionTests.cases {
                let (x, w) = (randomBuffer(sample.input, seed: 1), randomBuffer(sample.weight, seed: 2))
                let expected = passes(reference, sample, wide(x), wide(w))
                let here = onNewThread { passes(cpu, sample, x, w) }
                let there = onNewThread { passes(cpu, sample, x, w) }
                for (part, wanted, name) in [
                    (\Gradients.output, expected.output, "output"), (\.input, expected.input, "input"),
                    (\.weight, expected.weight, "weight"),
                ] {
                    let size = elements(wanted, as: Double.self).reduce(1) { max($0, abs($1)) }
                    expectClose(
                        here[keyPath: part], wanted, relative: 1e-5, absolute: 2e-6 * size, "\(sample), \(name)")
                    expectSame(
                        there[keyPath: part], cpu.plain(here[keyPath: part]), as: Float.self, "\(sample), \(name)")
                }
            }
        }

        /// A thread of the background computes alone: a parallel region of its own would wake a pool of its own.
        @Test func backgroundThreadsOpenNoParallelRegions() async {
            await #expect(processExitsWith: .success) {
                CPUBackend.threadCount = 2
                _ = cpu.full([1_000_000], .float32, 1)
                let before = threadsOfProcess()
                let ended = DispatchSemaphore(value: 0)
                startBackgroundThread(named: "test") {
                    let x = cpu.full([1_000_000], .float32, 1)
                    _ = cpu.convolution(
                        cpu.full([4, 16, 20, 20], .float32, 1), cpu.full([16, 16, 3, 3], .float32, 1), bias: nil,
                        .init())
                    let matrix = cpu.full([300, 300], .float32, 1)
                    let product = cpu.matmul(matrix, matrix, transposeA: false, transposeB: true, bias: nil)
                    guard CPUBackend.threadCount == 1, cpu.elements(x, as: Float.self)[999_999] == 1,
                        cpu.elements(product, as: Float.self)[0] == 300
                    else { fatalError("a background thread computes with \(CPUBackend.threadCount) threads") }
                    let new = threadsOfProcess().filter { before[$0.key] == nil }
                    guard Array(new.values) == ["test\n"] else { fatalError("new threads: \(new)") }
                    ended.signal()
                }
                ended.wait()
                guard CPUBackend.threadCount == 2 else { fatalError("the other thread has lost its threads") }
            }
        }

        /// oneDNN's kernels for k over 252 use the stack register for something else: a handler that ran on top of one
        /// would write into tensors. The address sanitizer keeps what the handler looks at elsewhere than on the stack.
        @Test(.enabled(if: !Memory.isExact)) func signalsDoNotHarmProducts() async {
            await #expect(processExitsWith: .success) {
                let (a, b) = (randomBuffer([96, 600], seed: 1), randomBuffer([600, 96], seed: 2))
                let expected = product(a, b)
                // Frames of this thread lie within this distance of each other.
                withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { bytes in
                    stackLow.store(Int(bitPattern: bytes.baseAddress) - (1 << 18), ordering: .relaxed)
                    stackHigh.store(Int(bitPattern: bytes.baseAddress) + (1 << 18), ordering: .relaxed)
                }
                signal(SIGALRM) { _ in
                    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { bytes in
                        let place = Int(bitPattern: bytes.baseAddress)
                        let isOnStack =
                            place >= stackLow.load(ordering: .relaxed)
                            && place < stackHigh.load(ordering: .relaxed)
                        handled.add(1, ordering: .relaxed)
                        if !isOnStack { astray.add(1, ordering: .relaxed) }
                    }
                }
                // The threads of tests may block signals.
                var alarm = sigset_t()
                sigemptyset(&alarm)
                sigaddset(&alarm, SIGALRM)
                pthread_sigmask(SIG_UNBLOCK, &alarm, nil)
                let receiver = Transfer(pthread_self())
                let sender = Thread {
                    while !isOver.load(ordering: .relaxed) {
                        pthread_kill(receiver.value, SIGALRM)
                        usleep(200)
                    }
                }
                sender.start()
                let end = ContinuousClock.now + .seconds(1)
                while ContinuousClock.now < end {
                    guard product(a, b) == expected else { fatalError("a signal changed a product") }
                }
                isOver.store(true, ordering: .relaxed)
                guard astray.load(ordering: .relaxed) == 0 else { fatalError("signals ran on memory of oneDNN") }
                guard handled.load(ordering: .relaxed) > 100 else { fatalError("no signals arrived") }
            }
        }

        /// Beside other programs threads stop spinning or share a core; what they compute stays the same.
        @Test func computesTheSameBitsBesideOtherPrograms() async {
            await #expect(processExitsWith: .success) {
                let sample = ConvolutionCase(
                    input: [64, 6, 14, 14], weight: [16, 6, 5, 5], geometry: .init(padding: [2, 2]))
                let (x, w) = (randomBuffer(sample.input, seed: 1), randomBuffer(sample.weight, seed: 2))
                let expected = gradients(sample, x, w)
                let hogs = (0..<2).map { _ in
                    let process = Process()
                    process.executableURL = URL(fileURLWithPath: "/bin/sh")
                    // Not for longer than this, should the test end before it.
                    process.arguments = ["-c", "ulimit -t 2; while :; do :; done"]
                    return process
                }
                for hog in hogs { try hog.run() }
                defer { for hog in hogs { hog.terminate() } }
                let end = ContinuousClock.now + .milliseconds(700)
                while ContinuousClock.now < end {
                    guard gradients(sample, x, w) == expected else { fatalError("other bits beside other programs") }
                }
                guard ComputeThreads.areHeldUp || ComputeThreads.count == 1 else {
                    fatalError("two busy programs are not seen")
                }
            }
        }

        /// More different primitives than the cache holds.
        @Test func forgetsPrimitivesOneByOne() {
            let b = randomBuffer([2, 3, 4], seed: 2)
            for rows in (1...1_100).map({ $0 }) + [1, 550, 1_100] {
                let a = randomBuffer([2, rows, 3], seed: 1)
                expectClose(
                    cpu.matmul(a, b, transposeA: false, transposeB: false, bias: nil),
                    reference.matmul(wide(a), wide(b), transposeA: false, transposeB: false, bias: nil),
                    relative: 1e-5, absolute: 1e-5, "\(rows) rows")
            }
        }
    }

    private let handled = Atomic(0)
    /// Handlers that ran elsewhere than on their thread's stack.
    private let astray = Atomic(0)
    private let isOver = Atomic(false)
    private let stackLow = Atomic(0)
    private let stackHigh = Atomic(0)

    /// The names of all threads by their number, but those that are there beside other programs only.
    private func threadsOfProcess() -> [String: String] {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        let named = threads.map { thread in
            (thread, (try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8)) ?? "")
        }
        return Dictionary(uniqueKeysWithValues: named.filter { !$0.1.hasPrefix("yuyan-") })
    }

    private func product(_ a: DeviceBuffer, _ b: DeviceBuffer) -> [Float] {
        cpu.elements(cpu.matmul(a, b, transposeA: false, transposeB: false, bias: nil), as: Float.self)
    }

    private func gradients(_ sample: ConvolutionCase, _ x: DeviceBuffer, _ w: DeviceBuffer) -> [Float] {
        let y = cpu.convolution(x, w, bias: nil, sample.geometry, activation: .relu)
        let result = cpu.convolutionWeightGradient(
            y, x, weightShape: sample.weight, sample.geometry, includesBias: true)
        return cpu.elements(result.weight, as: Float.self) + cpu.elements(result.bias!, as: Float.self)
    }

    extension CPUBackend {
        /// A row-major copy, which Reference can read.
        fileprivate func plain(_ x: DeviceBuffer) -> DeviceBuffer { x.isContiguous ? x : copied(x) }
    }
#endif
