/// Where a tensor lives and which code computes with it.
public enum Device: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// Plain Swift loops, as simple as the textbook: the oracle of the tests, and the fallback without oneDNN.
    case reference
    /// oneDNN and vectorised loops on all cores.
    case cpu

    public var description: String { rawValue }

    /// Whether this build contains the device.
    public var isAvailable: Bool {
        switch self {
        case .reference: true
        case .cpu:
            #if OneDNN
                true
            #else
                false
            #endif
        }
    }

    /// The fastest device of this build.
    public static var best: Device { Device.cpu.isAvailable ? .cpu : .reference }

    /// The version of the oneDNN library in use, such as `3.2.1`; nil in a build without it.
    package static var oneDNNVersion: String? {
        #if OneDNN
            CPUBackend.oneDNNVersion
        #else
            nil
        #endif
    }

    /// The file of the LAPACK library in use, which is opened for this; nil if there is none, or the build needs none.
    package static var lapackPath: String? {
        #if OneDNN
            CPUBackend.lapackPath
        #else
            nil
        #endif
    }

    /// The primitives that compute on this device.
    package var backend: any Backend {
        if let recorder = Recorder.current { return RecordingBackend(implementation, recorder) }
        return implementation
    }

    @inline(__always)
    private var implementation: any Backend {
        switch self {
        case .reference: return ReferenceBackend()
        case .cpu:
            #if OneDNN
                return CPUBackend()
            #else
                fatalError("device cpu: this build has no oneDNN (package trait OneDNN is off); use Device.reference")
            #endif
        }
    }
}
