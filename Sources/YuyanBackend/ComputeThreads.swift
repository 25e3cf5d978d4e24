import YuyanKernels

/// The threads that operations compute on.
public enum ComputeThreads {
    /// The number of threads that one operation of the `cpu` device uses, in its own loops and in oneDNN: at first one
    /// for each core, or what `OMP_NUM_THREADS` says. The `reference` device always computes on one.
    ///
    /// Set it between operations, not during one. Traps unless the new value is in `allowed`.
    public static var count: Int {
        get { Int(yuyan_thread_count()) }
        set {
            guard allowed.contains(newValue) else {
                fatalError("ComputeThreads.count: \(newValue) is outside \(allowed)")
            }
            yuyan_set_thread_count(Int32(newValue))
        }
    }

    /// Whether other programs keep the cores so busy that the threads mostly wait for each other: then one thread is
    /// faster, often many times. A step of a small network enters dozens of parallel loops, and in each the slowest
    /// thread decides.
    ///
    /// Measured when it is asked for, in up to 50 ms. Always false with one thread.
    public static var areHeldUp: Bool { yuyan_region_seconds() > 0.001 }

    /// What `count` may be.
    public static let allowed = 1...1024
}
