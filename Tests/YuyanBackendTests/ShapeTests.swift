import Testing
import YuyanBackend

@Suite struct ShapeTests {
    @Test func countsElements() {
        #expect(Shape.scalar.elementCount == 1)
        #expect(Shape.scalar.rank == 0)
        #expect(Shape([2, 3, 4]).elementCount == 24)
        #expect(Shape([2, 0, 4]).elementCount == 0)
        #expect(Shape([2, 0, 4]).description == "[2, 0, 4]")
        #expect(Array(Shape([2, 3])) == [2, 3])
        #expect(Shape([1, 2]) != Shape([2]))
    }

    @Test func axesCanBeRemoved() {
        let shape: Shape = [2, 3, 4]
        #expect((0..<3).map { shape.removing(axis: $0) } == [[3, 4], [2, 4], [2, 3]])
        #expect(Shape([5]).removing(axis: 0) == .scalar)
        #expect(shape.removing(axis: 1).broadcast(with: [5, 1, 1]) == [5, 2, 4])
    }

    @Test(arguments: [
        (Shape([2, 3]), Shape([3]), Shape([2, 3]) as Shape?),
        (Shape([2, 1]), Shape([1, 3]), Shape([2, 3])),
        (Shape.scalar, Shape([4]), Shape([4])),
        (Shape([0]), Shape([1]), Shape([0])),
        (Shape([5, 0]), Shape([5, 1]), Shape([5, 0])),
        (Shape([2]), Shape([3]), nil),
        (Shape([0]), Shape([2]), nil),
    ])
    func broadcasts(a: Shape, b: Shape, expected: Shape?) {
        #expect(a.broadcast(with: b) == expected)
        #expect(b.broadcast(with: a) == expected)
    }

    @Test func hasRowMajorStrides() {
        let shape: Shape = [2, 3, 4]
        let strides = shape.contiguousStrides
        #expect((0..<3).map { strides[$0, rank: 3] } == [12, 4, 1])
    }

    @Test func refusesTooManyAxes() async {
        await #expect(processExitsWith: .failure) { _ = Shape([Int](repeating: 1, count: 9)) }
        await #expect(processExitsWith: .failure) { _ = Shape([-1]) }
    }
}

@Suite struct DTypeTests {
    @Test(arguments: [
        (DType.bool, DType.uint8, DType.uint8), (.uint8, .int32, .int32), (.int32, .int64, .int64),
        (.int64, .bfloat16, .bfloat16), (.bfloat16, .float32, .float32), (.int64, .float32, .float32),
        (.float32, .float64, .float64), (.bool, .bool, .bool),
    ])
    func promotes(a: DType, b: DType, expected: DType) {
        #expect(a.promoted(with: b) == expected)
        #expect(b.promoted(with: a) == expected)
    }

    @Test func knowsSizes() {
        #expect(DType.allCases.map(\.byteCount) == [4, 8, 2, 4, 8, 1, 1])
        #expect(DType.allCases.filter(\.isFloatingPoint) == [.float32, .float64, .bfloat16])
        #expect(Int.dtype == .int64)
    }

    @Test func roundsBFloat16ToNearestEven() {
        #expect(BFloat16(1).bitPattern == 0x3F80)
        #expect(BFloat16(Float(bitPattern: 0x3F80_8000)).bitPattern == 0x3F80)  // a tie goes to even
        #expect(BFloat16(Float(bitPattern: 0x3F81_8000)).bitPattern == 0x3F82)
        #expect(BFloat16(Float(bitPattern: 0x3F80_8001)).bitPattern == 0x3F81)
        #expect(BFloat16(Float.greatestFiniteMagnitude).bitPattern == 0x7F80)
        #expect(Float(BFloat16(.nan)).isNaN)
        #expect(Float(BFloat16(-.infinity)) == -.infinity)
    }
}
