/// The elements of a tensor on a device, with the constants that describe them.
///
/// A buffer owns its memory, or is a view of another buffer's and keeps that one alive. Its elements change only
/// while nobody else refers to it (see `Tensor.makeUnique`), so that a tensor is a value.
package final class DeviceBuffer {
    package let shape: Shape
    package let dtype: DType
    package let device: Device
    package let layout: Layout
    package let elementCount: Int
    /// The first element.
    package let pointer: UnsafeMutableRawPointer
    /// The buffer whose memory this one views; nil if the memory is its own.
    package let owner: DeviceBuffer?
    private let ownedByteCount: Int
    /// More than any machine can address.
    private static let maximumByteCount = 1 << 56

    /// A buffer with unspecified contents.
    package init(_ shape: Shape, _ dtype: DType, on device: Device, layout: Layout = .contiguous) {
        self.shape = shape
        self.dtype = dtype
        self.device = device
        self.layout = layout
        elementCount = shape.elementCount
        let (byteCount, overflows) = elementCount.multipliedReportingOverflow(by: dtype.byteCount)
        if overflows || byteCount > DeviceBuffer.maximumByteCount { shape.refuseSize() }
        ownedByteCount = byteCount
        pointer =
            device.hasHostMemory
            ? Memory.allocate(byteCount: ownedByteCount) : device.allocator.allocate(byteCount: ownedByteCount)
        owner = nil
    }

    private init(viewing buffer: DeviceBuffer, _ shape: Shape, _ layout: Layout, offset: Int) {
        self.shape = shape
        self.layout = layout
        dtype = buffer.dtype
        device = buffer.device
        elementCount = shape.elementCount
        pointer = buffer.pointer + offset * buffer.dtype.byteCount
        owner = buffer.owner ?? buffer
        ownedByteCount = 0
    }

    deinit {
        if owner != nil { return }
        if device.hasHostMemory {
            Memory.free(pointer, byteCount: ownedByteCount)
        } else {
            device.allocator.free(pointer, byteCount: ownedByteCount)
        }
    }

    package var rank: Int { shape.rank }

    /// Distances between elements. Traps for blocks of channels, which have none: see `strided`.
    package var strides: Strides {
        switch layout {
        case .contiguous: shape.contiguousStrides
        case .strided(let strides): strides
        case .channelBlocks(let block): fatalError("buffer: blocks of \(block) channels have no strides")
        }
    }

    /// This buffer, or a row-major copy if its layout has no strides.
    @inline(__always) package var strided: DeviceBuffer {
        if case .channelBlocks = layout { return device.backend.copied(self) }
        return self
    }

    /// True if the elements lie in row-major order without gaps.
    package var isContiguous: Bool {
        switch layout {
        case .contiguous: true
        case .strided(let strides): DeviceBuffer.isRowMajor(shape, strides)
        case .channelBlocks: false
        }
    }

    /// True if the elements have strides and fill one block without gaps or repeats, in whatever order of axes.
    package var isDense: Bool {
        switch layout {
        case .contiguous: return true
        case .channelBlocks: return false
        case .strided(let strides):
            var axes = (0..<rank).filter { shape[$0] != 1 }
            axes.sort { strides[$0, rank: rank] < strides[$1, rank: rank] }
            var expected = 1
            for axis in axes {
                guard strides[axis, rank: rank] == expected else { return false }
                expected *= shape[axis]
            }
            return true
        }
    }

    /// Whether a sum with another buffer of the shape should lie here: not if this is a view, or repeats elements, or if
    /// only the other one is an image that is not plain.
    @inline(__always) package func canGather(_ other: DeviceBuffer) -> Bool {
        if owner != nil { return false }
        switch (layout, other.layout) {
        case (.contiguous, .contiguous), (.channelBlocks, _): return true
        case (.contiguous, .strided): return rank != 4
        case (.contiguous, .channelBlocks), (.strided, .channelBlocks): return false
        case (.strided, _): return isDense
        }
    }

    /// The elements as a Swift type. The caller checks the dtype.
    package func elements<T>(as type: T.Type = T.self) -> UnsafeMutablePointer<T> {
        pointer.assumingMemoryBound(to: T.self)
    }

    /// A view of part of this buffer. `offset` counts elements.
    package func view(_ shape: Shape, _ strides: Strides, offset: Int = 0) -> DeviceBuffer {
        let layout: Layout = DeviceBuffer.isRowMajor(shape, strides) ? .contiguous : .strided(strides)
        return DeviceBuffer(viewing: self, shape, layout, offset: offset)
    }

    /// A view of a part that lies as `layout` says. `offset` counts elements.
    package func view(_ shape: Shape, layout: Layout, offset: Int) -> DeviceBuffer {
        DeviceBuffer(viewing: self, shape, layout, offset: offset)
    }

    /// The same elements under another shape without a copy, or nil if the strides do not allow it.
    package func reshapedView(_ newShape: Shape) -> DeviceBuffer? {
        if isContiguous { return DeviceBuffer(viewing: self, newShape, .contiguous, offset: 0) }
        guard case .strided(let strides) = layout, let new = DeviceBuffer.strides(of: newShape, over: shape, strides)
        else {
            return nil
        }
        return view(newShape, new)
    }

    private static func isRowMajor(_ shape: Shape, _ strides: Strides) -> Bool {
        var expected = 1
        for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
            let size = shape[axis]
            if size == 0 { return true }
            if size != 1 && strides[axis, rank: shape.rank] != expected { return false }
            expected *= size
        }
        return true
    }

    /// Strides that walk the same elements in the same order under another shape.
    ///
    /// Groups old axes that can be walked as one, then cuts each group into new axes.
    private static func strides(of newShape: Shape, over oldShape: Shape, _ old: Strides) -> Strides? {
        guard newShape.elementCount > 0 else { return newShape.contiguousStrides }
        var result = Strides(lanes: SIMD8(repeating: 0))
        var newAxis = newShape.rank - 1
        var oldAxis = oldShape.rank - 1
        while oldAxis >= 0 {
            if oldShape[oldAxis] == 1 {
                oldAxis -= 1
                continue
            }
            let innerStride = old[oldAxis, rank: oldShape.rank]
            var groupCount = oldShape[oldAxis]
            while oldAxis > 0 {
                let outer = oldShape[oldAxis - 1]
                guard outer == 1 || old[oldAxis - 1, rank: oldShape.rank] == innerStride * groupCount else { break }
                groupCount *= outer
                oldAxis -= 1
            }
            oldAxis -= 1
            var covered = 1
            while covered < groupCount {
                guard newAxis >= 0, groupCount % (covered * newShape[newAxis]) == 0 else { return nil }
                result[newAxis, rank: newShape.rank] = innerStride * covered
                covered *= newShape[newAxis]
                newAxis -= 1
            }
        }
        return result
    }
}
