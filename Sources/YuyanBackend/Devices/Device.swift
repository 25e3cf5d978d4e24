import YuyanKernels

/// Where a tensor lives and which code computes with it: a kind, and an index among the devices of that kind.
///
///     let device = try Device("cpu")    // as --device and YUYAN_DEVICE name it
///     let x = withDevice(device) { Tensor.zeros([2, 3]) }
public struct Device: Sendable, Hashable, CustomStringConvertible {
    /// A sort of device.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        /// Its place in the list of kinds.
        let code: UInt8

        /// Plain Swift loops, as simple as the textbook: the oracle of the tests, and the fallback without oneDNN.
        public static var reference: Kind { Kind(code: 0) }
        /// oneDNN and vectorised loops on all cores.
        public static var cpu: Kind { Kind(code: 1) }

        /// The name, such as `cpu`.
        public var description: String { DeviceKinds.name(of: self) }
    }

    /// The sort of device that it is.
    public let kind: Kind
    private let number: UInt8

    /// 0 for the first device of its kind.
    public var index: Int { Int(number) }

    /// A device of this process, whether or not this build can compute on it: see `isAvailable`. Traps for an index below 0
    /// or above 255.
    @inline(__always)
    public init(_ kind: Kind, index: Int = 0) {
        self.kind = kind
        number = UInt8(index)
    }

    /// The device with this name: that of a kind, such as `cpu`, or with an index, `cpu:0`. Throws if this build has no
    /// such device.
    public init(_ name: String) throws(DeviceError) {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let kind = DeviceKinds.kind(named: String(parts[0])),
            let index = parts.count == 1 ? 0 : UInt8(parts[1]), Device(kind, index: Int(index)).isAvailable
        else { throw DeviceError(name: name, known: Device.available.map(\.description)) }
        self.init(kind, index: Int(index))
    }

    /// Plain Swift loops, as simple as the textbook: the oracle of the tests, and the fallback without oneDNN.
    public static var reference: Device { Device(.reference) }
    /// oneDNN and vectorised loops on all cores.
    public static var cpu: Device { Device(.cpu) }

    /// The name of its kind, and the index but for the first.
    public var description: String { index == 0 ? "\(kind)" : "\(kind):\(index)" }

    /// Whether this build can compute on the device, and the machine has it.
    public var isAvailable: Bool { index < DeviceKinds.driver(of: kind).count }

    /// All devices that this build can compute on, the best first.
    public static var available: [Device] {
        let all = DeviceKinds.all.flatMap { kind in
            (0..<DeviceKinds.driver(of: kind).count).map { Device(kind, index: $0) }
        }
        return [best] + all.filter { $0 != best }
    }

    /// The fastest device of this build.
    public static var best: Device { Device.cpu.isAvailable ? .cpu : .reference }
}

/// A name that is no device of this build.
public struct DeviceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was asked for.
    public let name: String
    /// The devices that there are.
    public let known: [String]

    public var description: String { "\"\(name)\" is no device of this build; it has \(known.joined(separator: ", "))" }
}

extension Device {
    /// The primitives that compute on this device.
    package var backend: any Backend {
        if let recorder = Recorder.current { return RecordingBackend(implementation, recorder) }
        return implementation
    }

    @inline(__always)
    private var implementation: any Backend {
        switch kind {
        case .reference: return ReferenceBackend()
        case .cpu:
            #if OneDNN
                return CPUBackend()
            #else
                fatalError("device cpu: this build has no oneDNN (package trait OneDNN is off); use Device.reference")
            #endif
        default: return DeviceKinds.driver(of: kind).backend(index)
        }
    }

    /// Whether the host can read and write the device's memory.
    @inline(__always)
    var hasHostMemory: Bool { kind.code <= 1 || DeviceKinds.driver(of: kind).hasHostMemory }

    /// Where the device's memory comes from.
    var allocator: any Allocator { DeviceKinds.driver(of: kind).allocator(index) }

    /// Whether products and convolutions are faster in bfloat16 than in float32 here.
    package var hasNativeBFloat16: Bool { kind == .cpu && isAvailable && yuyan_multiplies_bfloat16() }

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
}
