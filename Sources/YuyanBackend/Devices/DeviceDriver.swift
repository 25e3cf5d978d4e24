import Synchronization

/// What a kind of devices offers.
package protocol DeviceDriver: Sendable {
    var name: String { get }
    /// How many of them this build can compute on here.
    var count: Int { get }
    /// Whether the host can read and write their memory.
    var hasHostMemory: Bool { get }
    func backend(_ index: Int) -> any Backend
    func allocator(_ index: Int) -> any Allocator
}

/// A source of memory of one device.
package protocol Allocator: Sendable {
    /// A block of at least `byteCount` bytes, 64-byte aligned, with unspecified contents.
    func allocate(byteCount: Int) -> UnsafeMutableRawPointer
    /// Gives back a block that `allocate(byteCount:)` returned for the same count.
    func free(_ block: UnsafeMutableRawPointer, byteCount: Int)
}

/// The pool of the host's memory.
package struct HostAllocator: Allocator {
    package func allocate(byteCount: Int) -> UnsafeMutableRawPointer { Memory.allocate(byteCount: byteCount) }
    package func free(_ block: UnsafeMutableRawPointer, byteCount: Int) { Memory.free(block, byteCount: byteCount) }
}

/// The kinds of devices: those of the build, and others that are added while the program runs.
package enum DeviceKinds {
    private static let drivers = Mutex<[any DeviceDriver]>([
        HostDriver(name: "reference", count: 1), HostDriver(name: "cpu", count: hasOneDNN ? 1 : 0),
    ])

    private static var hasOneDNN: Bool {
        #if OneDNN
            true
        #else
            false
        #endif
    }

    static var all: [Device.Kind] { drivers.withLock { $0.indices.map { Device.Kind(code: UInt8($0)) } } }

    static func driver(of kind: Device.Kind) -> any DeviceDriver { drivers.withLock { $0[Int(kind.code)] } }

    static func name(of kind: Device.Kind) -> String { driver(of: kind).name }

    static func kind(named name: String) -> Device.Kind? {
        drivers.withLock { drivers in
            drivers.firstIndex { $0.name == name }.map { Device.Kind(code: UInt8($0)) }
        }
    }

    /// Adds a kind of devices. Its name is no other's.
    package static func add(_ driver: any DeviceDriver) -> Device.Kind {
        drivers.withLock { drivers in
            drivers.append(driver)
            return Device.Kind(code: UInt8(drivers.count - 1))
        }
    }
}

/// The devices that compute in the host's memory; `Device.backend` makes their backends itself.
private struct HostDriver: DeviceDriver {
    let name: String
    let count: Int
    let hasHostMemory = true
    func backend(_ index: Int) -> any Backend { Device(DeviceKinds.kind(named: name)!, index: index).backend }
    func allocator(_ index: Int) -> any Allocator { HostAllocator() }
}
