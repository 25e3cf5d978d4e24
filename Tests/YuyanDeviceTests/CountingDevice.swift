import Synchronization
import YuyanBackend

/// A device that only counts: its memory is said to be out of the host's reach, and it has the primitives of storage alone.
/// Everything else runs through the defaults, on Reference, with copies in the host's memory.
final class CountingDevice: DeviceDriver, Allocator, Sendable {
    struct Counts: Equatable {
        /// Copies of a buffer to the host, and from it.
        var downloads = 0
        var uploads = 0
        /// Copies from place to place on the device, and values written there.
        var copies = 0
        var fills = 0
        /// Blocks of memory that were taken and not given back.
        var blocks = 0
    }

    /// What the task has made the device do: tests run side by side.
    private final class Counter: Sendable {
        let counts = Mutex(Counts())
    }
    @TaskLocal private static var counter: Counter?

    let name = "counting"
    let count = 2
    let hasHostMemory = false
    /// The primitives may look at it, nobody else.
    fileprivate let memory = ReferenceBackend()

    private init() {}
    static let shared = CountingDevice()
    static let kind = DeviceKinds.add(shared)
    static let device = Device(kind)

    /// What `body` makes the device do.
    func count(_ body: () -> Void) -> Counts {
        let counter = Counter()
        CountingDevice.$counter.withValue(counter) { body() }
        return counter.counts.withLock { $0 }
    }

    fileprivate func note(_ change: (inout Counts) -> Void) { CountingDevice.counter?.counts.withLock { change(&$0) } }

    func backend(_ index: Int) -> any Backend { CountingBackend(device: Device(CountingDevice.kind, index: index)) }
    func allocator(_ index: Int) -> any Allocator { self }

    func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        note { $0.blocks += 1 }
        return .allocate(byteCount: max(byteCount, 1), alignment: 64)
    }

    func free(_ block: UnsafeMutableRawPointer, byteCount: Int) {
        note { $0.blocks -= 1 }
        block.deallocate()
    }
}

private struct CountingBackend: Backend {
    let device: Device
    private var driver: CountingDevice { .shared }

    func upload(_ bytes: UnsafeRawBufferPointer, _ shape: Shape, _ dtype: DType) -> DeviceBuffer {
        driver.note { $0.uploads += 1 }
        let result = DeviceBuffer(shape, dtype, on: device)
        if let base = bytes.baseAddress { result.pointer.copyMemory(from: base, byteCount: size(result)) }
        return result
    }

    func download(_ x: DeviceBuffer, into bytes: UnsafeMutableRawBufferPointer) {
        driver.note { $0.downloads += 1 }
        driver.memory.download(x, into: bytes)
    }

    func copy(_ source: DeviceBuffer, into destination: DeviceBuffer) {
        driver.note { $0.copies += 1 }
        driver.memory.copy(source, into: destination)
    }

    func fill(_ x: DeviceBuffer, with value: Double) {
        driver.note { $0.fills += 1 }
        driver.memory.fill(x, with: value)
    }

    private func size(_ x: DeviceBuffer) -> Int { x.elementCount * x.dtype.byteCount }
}
