import Testing
import YuyanBackend
import YuyanCore

/// 0 … 11 as [3, 4], int64.
private func matrix() -> Tensor { Tensor.arange(12).reshaped([3, 4]) }
/// 0 … 23 as [2, 3, 4], int64.
private func cube() -> Tensor { Tensor.arange(24).reshaped([2, 3, 4]) }

@Suite struct SubscriptTests {
    @Test func integersDropTheirAxis() {
        expectElements(matrix()[1], [4], [4, 5, 6, 7])
        expectElements(matrix()[-1], [4], [8, 9, 10, 11])
        expectElements(matrix()[1, 2], [], [6])
        expectElements(matrix()[-3, -4], [], [0])
    }

    @Test func rangesKeepTheirAxis() {
        expectElements(matrix()[0..<2, 1...2], [2, 2], [1, 2, 5, 6])
        expectElements(matrix()[2...], [1, 4], [8, 9, 10, 11])
        expectElements(matrix()[..<1, 2...], [1, 2], [2, 3])
        expectElements(matrix()[...1, 0], [2], [0, 4])
        expectElements(matrix()[.all, 1], [3], [1, 5, 9])
        expectElements(matrix()[1..<1], [0, 4], [] as [Int])
    }

    @Test func steppedRanges() {
        expectElements(matrix()[stride(from: 0, to: 3, by: 2), 0], [2], [0, 8])
        expectElements(matrix()[0, stride(from: 1, through: 3, by: 2)], [2], [1, 3])
        expectElements(matrix()[stride(from: 2, through: 0, by: -1), 1], [3], [9, 5, 1])
    }

    @Test func negativeBoundsCountFromTheEnd() {
        expectElements(matrix()[(-2)..., 0], [2], [4, 8])
        expectElements(matrix()[..<(-1), 0], [2], [0, 4])
        expectElements(matrix()[...(-2), 0], [2], [0, 4])
        expectElements(matrix()[0, (-3)..<(-1)], [2], [1, 2])
        expectElements(matrix()[0, (-3)...(-1)], [3], [1, 2, 3])
        expectElements(matrix()[...(-1)], [3, 4], Array(0..<12))
        expectElements(matrix()[0, .slice(from: 1, to: -1)], [2], [1, 2])
        #expect(matrix()[..<(-3)].shape == [0, 4])
    }

    @Test func slicesHaveSteps() {
        expectElements(matrix()[0, .slice(by: 3)], [2], [0, 3])
        expectElements(matrix()[0, .slice(from: 1, by: 2)], [2], [1, 3])
        expectElements(matrix()[0, .slice(to: -2, by: 2)], [1], [0])
        expectElements(matrix()[.slice(by: -1), 0], [3], [8, 4, 0])
        expectElements(matrix()[0, .slice(by: -2)], [2], [3, 1])
        expectElements(matrix()[0, .slice(from: -2, to: 0, by: -1)], [2], [2, 1])
        #expect(matrix()[.slice(from: 1, to: 1, by: 2)].shape == [0, 4])
        #expect(matrix()[.slice(from: 1, to: 1, by: -2)].shape == [0, 4])
        var x = matrix()
        x[.slice(by: 2), .slice(by: -1)] = Tensor([7, 8, 9, 10])
        expectElements(x, [3, 4], [10, 9, 8, 7, 4, 5, 6, 7, 10, 9, 8, 7])
    }

    @Test func fallingSlicesAreIndependent() {
        expectElements(matrix()[.slice(by: -1), .slice(by: -2)], [3, 2], [11, 9, 7, 5, 3, 1])
        expectElements(matrix()[.slice(by: -1), .slice(from: 2, by: -1)], [3, 3], [10, 9, 8, 6, 5, 4, 2, 1, 0])
        expectElements(cube()[.slice(by: -1), 1, .slice(by: -3)], [2, 2], [19, 16, 7, 4])
        // Beside positions, which come one by one.
        expectElements(matrix()[.slice(by: -1), Tensor([3, 0])], [3, 2], [11, 8, 7, 4, 3, 0])
        expectElements(matrix()[Tensor([2, 0]), .slice(by: -1)], [2, 4], [11, 10, 9, 8, 3, 2, 1, 0])
        expectElements(matrix()[Tensor([true, false, true]), .slice(by: -2)], [2, 2], [3, 1, 11, 9])
        var x = matrix()
        x[.slice(by: -2), .slice(from: 1, by: -1)] = Tensor([[20, 21], [22, 23]])
        expectElements(x, [3, 4], [23, 22, 2, 3, 4, 5, 6, 7, 21, 20, 10, 11])
        x[.slice(by: -1), Tensor([0, 3])] = Tensor([[1, 2], [3, 4], [5, 6]])
        expectElements(x, [3, 4], [5, 22, 2, 6, 3, 5, 6, 4, 1, 20, 10, 2])
        let gradient = gradient(
            of: { ($0[.slice(by: -1), .slice(by: -3)] * Tensor([[1.0, 2], [3, 4]])).sum() }, at: Tensor.ones([2, 4]))
        expectElements(gradient, [2, 4], [4, 0, 0, 3, 2, 0, 0, 1] as [Float])
    }

    @Test func ellipsisStandsForTheAxesThatAreLeft() {
        expectElements(cube()[.ellipsis, 1], [2, 3], [1, 5, 9, 13, 17, 21])
        expectElements(cube()[1, .ellipsis, 0], [3], [12, 16, 20])
        expectElements(cube()[1, 2, .ellipsis, 3], [], [23])
        #expect(cube()[.ellipsis].shape == [2, 3, 4])
        #expect(cube()[.ellipsis, .newAxis].shape == [2, 3, 4, 1])
        expectElements(cube()[.ellipsis, matrix() .> 9], [2, 2], [10, 11, 22, 23])
        expectElements(cube()[.ellipsis, Tensor([3, 0])][1, 2], [2], [23, 20])
        var x = cube()
        x[.ellipsis, 1...] = Tensor(0)
        #expect(x.sum().item(as: Int.self) == 0 + 4 + 8 + 12 + 16 + 20)
    }

    @Test func newAxes() {
        #expect(matrix()[.newAxis].shape == [1, 3, 4])
        #expect(matrix()[.all, .newAxis, 1...].shape == [3, 1, 3])
        expectElements(matrix()[1, .newAxis, 2], [1], [6])
    }

    @Test func indexTensorsGather() {
        expectElements(matrix()[Tensor([2, 0, 2])], [3, 4], [8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11])
        expectElements(matrix()[Tensor([[0, -1]]), 1...2], [1, 2, 2], [1, 2, 9, 10])
        expectElements(matrix()[.all, Tensor([3, 0])], [3, 2], [3, 0, 7, 4, 11, 8])
    }

    @Test func severalIndexTensorsArePaired() {
        expectElements(matrix()[Tensor([0, 2]), Tensor([1, -1])], [2], [1, 11])
        expectElements(cube()[.all, Tensor([0, 2]), Tensor([1, 3])], [2, 2], [1, 11, 13, 23])
        expectElements(cube()[1, Tensor([[0], [2]]), Tensor([1, 3])], [2, 2], [13, 15, 21, 23])
        // Not neighbours: the common shape comes first, as in NumPy.
        expectElements(cube()[Tensor([0, 1]), .all, Tensor([1, 2])], [2, 3], [1, 5, 9, 14, 18, 22])
    }

    @Test func masksSelect() {
        expectElements(matrix()[matrix() .> 8], [3], [9, 10, 11])
        expectElements(matrix()[Tensor([true, false, true])], [2, 4], [0, 1, 2, 3, 8, 9, 10, 11])
        let corners: Tensor = [[true, false, false], [false, false, true]]
        expectElements(cube()[corners], [2, 4], [0, 1, 2, 3, 20, 21, 22, 23])
        expectElements(cube()[.all, matrix() .> 9], [2, 2], [10, 11, 22, 23])
    }

    @Test func viewsOfViews() {
        let x = matrix().transposed()[1...][stride(from: 0, to: 3, by: 2)]
        expectElements(x, [2, 3], [1, 5, 9, 3, 7, 11])
        expectElements(x.reshaped([3, 2]), [3, 2], [1, 5, 9, 3, 7, 11])
    }
}

@Suite struct AssignmentTests {
    @Test func regionsTakeBroadcastValues() {
        var x = matrix()
        x[1] = 0
        x[.all, 3] = Tensor([30, 31, 32])
        x[2, 0..<2] = [-1, -2]
        expectElements(x, [3, 4], [0, 1, 2, 30, 0, 0, 0, 31, -1, -2, 10, 32])
        x[.all, stride(from: 0, to: 4, by: 2)] = Tensor([[7], [8], [9]])
        expectElements(x, [3, 4], [7, 1, 7, 30, 8, 0, 8, 31, 9, -2, 9, 32])
        x[0, .newAxis, 0..<2] = Tensor([[5, 6]])
        expectElements(x[0, ..<2], [2], [5, 6])
    }

    @Test func indexTensorsTakeValues() {
        var x = matrix()
        x[Tensor([2, 0])] = Tensor([[1, 1, 1, 1], [2, 2, 2, 2]])
        expectElements(x, [3, 4], [2, 2, 2, 2, 4, 5, 6, 7, 1, 1, 1, 1])
        x[Tensor([0, 1]), Tensor([3, -4])] = 9
        expectElements(x, [3, 4], [2, 2, 2, 9, 9, 5, 6, 7, 1, 1, 1, 1])
        var y = cube()
        y[Tensor([0, 1]), .all, Tensor([1, 2])] = Tensor([[-1, -2, -3], [-4, -5, -6]])
        expectElements(y[0, .all, 1], [3], [-1, -2, -3])
        expectElements(y[1, .all, 2], [3], [-4, -5, -6])
        #expect(y.sum().item() == 276 - (1 + 5 + 9 + 14 + 18 + 22) - 21)
    }

    @Test func masksTakeValues() {
        var x = matrix()
        x[x .> 3] = -1
        expectElements(x, [3, 4], [0, 1, 2, 3, -1, -1, -1, -1, -1, -1, -1, -1])
        x[Tensor([true, false, true]), 0] = Tensor([7, 8])
        expectElements(x[.all, 0], [3], [7, -1, 8])
    }

    @Test func valuesAreCastToTheTensor() {
        var integers = Tensor.zeros([2], dtype: .int64)
        integers[0] = Tensor(2.9)
        expectElements(integers, [2], [2, 0])
        var reals = Tensor.zeros([2])
        reals[0..<2] = Tensor([1, 2])
        expectElements(reals, [2], [1, 2] as [Float])
    }

    @Test func copiesAreUnaffected() {
        let x = matrix()
        var y = x
        let row = y[1]
        y[1] = 100
        y[Tensor([0])] = 200
        y += 1
        expectElements(x, [3, 4], Array(0..<12))
        expectElements(row, [4], [4, 5, 6, 7])
        expectElements(y[1], [4], [101, 101, 101, 101])
    }

    @Test func overlappingRegionsAreReadFirst() {
        var x = Tensor.arange(5)
        x[1...] = x[0..<4]
        expectElements(x, [5], [0, 0, 1, 2, 3])
        x[0..<4] = x[1...]
        expectElements(x, [5], [0, 1, 2, 3, 3])
    }

    @Test func compoundAssignmentThroughASubscript() {
        var x = Tensor([1, 2, 3] as [Float])
        let copy = x
        x[1] += 10
        x[Tensor([0, 2])] *= 2
        expectElements(x, [3], [2, 12, 6] as [Float])
        expectElements(copy, [3], [1, 2, 3] as [Float])
    }

    @Test func gradientsFlowThroughAssignment() {
        let (a, b) = (Parameter(Tensor([1, 2, 3] as [Float])), Parameter(Tensor([10, 20] as [Float])))
        var x = a.tensor * 2
        x[1...] = b.tensor
        (x * Tensor([1, 10, 100] as [Float])).sum().backward()
        expectElements(a.gradient!, [3], [2, 0, 0] as [Float])
        expectElements(b.gradient!, [2], [10, 100] as [Float])
    }

    @Test func gradientsFlowThroughSteps() {
        let x = Parameter(Tensor.zeros([2, 5]))
        (x[.ellipsis, .slice(from: -1, to: 0, by: -2)] * Tensor([1, 10] as [Float])).sum().backward()
        expectElements(x.gradient!, [2, 5], [0, 0, 10, 0, 1, 0, 0, 10, 0, 1] as [Float])
    }

    @Test func gradientsFlowThroughIndices() {
        let x = Parameter(Tensor.zeros([3, 2]))
        x[Tensor([2, 0, 2])].sum().backward()
        expectElements(x.gradient!, [3, 2], [1, 1, 0, 0, 2, 2] as [Float])
    }

    /// A subscript does not know who called it.
    @Test func faultsNameNoLineOfTheFramework() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.ones([2, 3])[2]
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains("subscript: index 2 is outside axis 0 of shape [2, 3]"))
        #expect(!text.contains(".swift"))
    }
}
