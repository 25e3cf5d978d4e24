import Dispatch
import Synchronization

/// One thread for all computation of a program that works in tasks, such as a server.
///
///     @ComputeActor func train(_ net: sending Sequential) throws { … }
///     await train(net)
///
/// Tasks move from thread to thread, and every thread that computes would get a pool of helpers of its own (OpenMP's):
/// the first parallel loop on each takes some 170 µs, and loops on changing threads 10 to 80 µs each instead of 1. What
/// is isolated to this actor always runs on the same thread. A program that computes on its main thread, as a command
/// does, needs no actor.
@globalActor public actor ComputeActor {
    public static let shared = ComputeActor()

    private let thread = ThreadExecutor(named: "yuyan-compute")

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private init() {}
}

/// Runs jobs one after the other on a thread that lasts as long as the program.
private final class ThreadExecutor: SerialExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let jobCount = DispatchSemaphore(value: 0)

    init(named name: String) {
        startThread(named: name) { [self] in
            while true {
                jobCount.wait()
                let job = jobs.withLock { $0.removeFirst() }
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        jobCount.signal()
    }
}
