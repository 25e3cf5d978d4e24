/// The sizes of a tensor's axes, outermost first: `[N, C, H, W]`.
///
/// Holds 0 to 8 axes of 0 to 2³¹ − 1 elements each, without an allocation.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral, RandomAccessCollection, CustomStringConvertible {
    /// The largest number of axes.
    public static let maximumRank = 8

    /// The sizes, right-aligned; unused lanes are 1, so that broadcasting compares lane by lane.
    @usableFromInline package var lanes: SIMD8<Int32>
    @usableFromInline package var storedRank: Int32

    /// The number of axes.
    @inlinable
    public var rank: Int { Int(storedRank) }

    @inlinable
    package init(lanes: SIMD8<Int32>, rank: Int) {
        self.lanes = lanes
        storedRank = Int32(truncatingIfNeeded: rank)
    }

    /// A shape with the given sizes. Traps if there are more than 8 axes or a size is negative or above 2³¹ − 1.
    public init(_ sizes: some Collection<Int>) {
        guard sizes.count <= Shape.maximumRank else {
            fatalError("shape: \(Array(sizes)) has \(sizes.count) axes; a tensor has at most \(Shape.maximumRank)")
        }
        var lanes = SIMD8<Int32>(repeating: 1)
        var lane = Shape.maximumRank - sizes.count
        for size in sizes {
            guard size >= 0, size <= Int(Int32.max) else {
                fatalError("shape: \(Array(sizes)) has an axis of size \(size); sizes are 0 to \(Int32.max)")
            }
            lanes[lane] = Int32(size)
            lane += 1
        }
        self.init(lanes: lanes, rank: sizes.count)
    }

    public init(arrayLiteral sizes: Int...) { self.init(sizes) }

    /// `[rows, columns]`, without the array of a literal.
    @inlinable
    package init(rows: Int, columns: Int) {
        self.init(lanes: SIMD8(1, 1, 1, 1, 1, 1, Int32(rows), Int32(columns)), rank: 2)
    }

    /// `[samples, channels, height, width]`, without the array of a literal.
    @inlinable
    package init(samples: Int, channels: Int, height: Int, width: Int) {
        self.init(lanes: SIMD8(1, 1, 1, 1, Int32(samples), Int32(channels), Int32(height), Int32(width)), rank: 4)
    }

    /// The shape of a scalar: no axes, one element.
    @inlinable
    public static var scalar: Shape { Shape(lanes: SIMD8(repeating: 1), rank: 0) }

    /// The product of all sizes; 1 for a scalar. Traps if it is 2⁶³ or more.
    @inlinable
    public var elementCount: Int {
        // Two sizes cannot overflow, and unused ones are 1.
        if storedRank <= 2 { return Int(lanes[6]) &* Int(lanes[7]) }
        var count = 1
        for lane in (8 - rank)..<8 {
            let (product, overflows) = count.multipliedReportingOverflow(by: Int(lanes[lane]))
            if overflows { refuseSize() }
            count = product
        }
        return count
    }

    @usableFromInline
    @inline(never)
    package func refuseSize() -> Never {
        fatalError("shape: \(self) has more elements than memory can have")
    }

    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { rank }

    /// The size of an axis. Traps if `axis` is not in `0..<rank`.
    @inlinable
    public subscript(axis: Int) -> Int {
        get {
            checkAxis(axis)
            return Int(lanes[8 - rank + axis])
        }
        set {
            checkAxis(axis)
            lanes[8 - rank + axis] = Int32(newValue)
        }
    }

    @inlinable @inline(__always)
    func checkAxis(_ axis: Int) {
        if UInt(bitPattern: axis) >= UInt(truncatingIfNeeded: storedRank) { refuseAxis(axis) }
    }

    @usableFromInline
    @inline(never)
    func refuseAxis(_ axis: Int) -> Never { fatalError("shape: axis \(axis) of \(self), which has \(rank) axes") }

    public var description: String {
        var text = "["
        for axis in 0..<rank {
            if axis > 0 { text += ", " }
            text += String(self[axis])
        }
        return text + "]"
    }

    /// The shape that both broadcast to, or nil: axes are aligned at the last one, and sizes agree or one is 1.
    @inlinable
    package func broadcast(with other: Shape) -> Shape? {
        if self == other { return self }
        let one = SIMD8<Int32>(repeating: 1)
        let leftIsOne = lanes .== one
        let compatible = (lanes .== other.lanes) .| leftIsOne .| (other.lanes .== one)
        guard all(compatible) else { return nil }
        return Shape(lanes: lanes.replacing(with: other.lanes, where: leftIsOne), rank: Swift.max(rank, other.rank))
    }

    /// The shape with the axes from `axis` on as one. Traps if their product is above 2³¹ − 1.
    package func merging(from axis: Int) -> Shape {
        checkAxis(axis)
        var result = Shape(lanes: SIMD8(repeating: 1), rank: axis + 1)
        for before in 0..<axis { result[before] = self[before] }
        var count = 1
        for merged in axis..<rank { count *= self[merged] }
        guard count <= Int(Int32.max) else { return Shape(prefix(axis) + [count]) }
        result[axis] = count
        return result
    }

    /// The shape without an axis.
    package func removing(axis: Int) -> Shape {
        checkAxis(axis)
        var lanes = lanes
        var lane = 8 - rank + axis
        while lane > 8 - rank {
            lanes[lane] = lanes[lane - 1]
            lane -= 1
        }
        lanes[lane] = 1
        return Shape(lanes: lanes, rank: rank - 1)
    }

    /// Row-major strides in elements.
    @inlinable
    package var contiguousStrides: Strides {
        var strides = SIMD8<Int>(repeating: 0)
        var step = 1
        var lane = 7
        while lane >= 8 - rank {
            strides[lane] = step
            step &*= Int(lanes[lane])  // overflows only where an axis outside is empty
            lane -= 1
        }
        return Strides(lanes: strides)
    }
}

/// Distances in elements between neighbours along each axis, right-aligned as in `Shape`; unused lanes are 0.
@usableFromInline
package struct Strides: Sendable, Hashable {
    @usableFromInline package var lanes: SIMD8<Int>

    @inlinable
    package init(lanes: SIMD8<Int>) { self.lanes = lanes }

    /// The stride of an axis of a buffer with `rank` axes.
    @inlinable
    package subscript(axis: Int, rank rank: Int) -> Int {
        get { lanes[8 - rank + axis] }
        set { lanes[8 - rank + axis] = newValue }
    }
}
