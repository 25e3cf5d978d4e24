import Dispatch
import Foundation
import Synchronization

/// Runs the work of an actor on one thread of its own.
///
/// An actor is safe without this, but moves from thread to thread, and every thread that computes gets a pool of helpers
/// from OpenMP. For large models that costs time, since threads that take turns wake their pools anew.
final class ThreadExecutor: SerialExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let jobCount = DispatchSemaphore(value: 0)

    /// Starts the thread, which lasts as long as the program.
    init(name: String) {
        let thread = Thread { [self] in
            while true {
                jobCount.wait()
                let job = jobs.withLock { $0.removeFirst() }
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
        thread.name = name
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        jobCount.signal()
    }
}
