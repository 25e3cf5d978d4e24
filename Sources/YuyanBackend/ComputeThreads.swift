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

    /// Whether other programs want the cores that the threads compute on. Operations are slower then, and times say
    /// little. The threads adapt by themselves: they stop spinning while they wait, and where whole cores are taken they
    /// share one, with the same results.
    ///
    /// Measured when it is asked for, in 50 ms. Programs of a lower priority don't count. Always false with one thread.
    public static var areHeldUp: Bool {
        count > 1 && yuyan_processors_of_others() > 0.5
    }

    /// What `count` may be.
    public static let allowed = 1...1024
}
