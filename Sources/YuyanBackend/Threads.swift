import Glibc
import YuyanKernels

/// Starts a thread of the lowest priority (nice 19), which ends with `body`.
///
/// Everything that is not the compute thread runs here: a worker of normal priority costs a training step up to fifty
/// times its length. Operations on it compute on one thread. Traps if the system has no thread to give.
package func startBackgroundThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    startThread(named: name) {
        // Without the priority the work is the same, only less polite.
        _ = yuyan_enter_background()
        body()
        yuyan_leave_background()
    }
}

/// Starts a thread, which ends with `body`. Traps if the system has no thread to give.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var thread = pthread_t()
    let failure = pthread_create(
        &thread, &attributes,
        { argument in
            guard let argument else { return nil }
            let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
            _ = yuyan_name_thread(start.name)
            start.body()
            return nil
        }, start.toOpaque())
    guard failure == 0 else {
        fatalError("thread \(name): cannot start: \(String(cString: strerror(failure)))")
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// A value on its way from the thread that made it to the one that will use it. The maker keeps no reference to it.
package struct Transfer<Value>: @unchecked Sendable {
    package let value: Value

    package init(_ value: Value) { self.value = value }
}
