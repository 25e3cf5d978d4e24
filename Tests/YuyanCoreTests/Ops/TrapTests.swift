import Foundation
import Testing
import YuyanBackend
import YuyanCore

/// Programmer's faults end the process with a text that names operation, axes, sizes and place.
@Suite struct TrapTests {
    @Test func shapesOfAConvolution() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = conv2D(Tensor.zeros([8, 4, 28, 28]), weight: Tensor.zeros([16, 3, 3, 3]))
        }
        expectText(
            result, "conv2D: input channels must equal weight.shape[1] × groups", "input [N, C, H, W]",
            "[8, 4, 28, 28]    C = 4", "[16, 3, 3, 3]", "groups = 1 needs C = 3", "TrapTests.swift:")
    }

    @Test func shapesOfAProductAndASum() async {
        let product = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3]).matmul(Tensor.zeros([5, 3]))
        }
        expectText(product, "matmul: the inner axes must agree", "k = 3", "k = 5", "a.matmul(b.transposed()) would fit")
        let sum = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3]) + Tensor.zeros([2])
        }
        expectText(sum, "add: shapes must broadcast", "[2, 3]", "axis 1 has 3", "axis 0 has 2")
    }

    @Test func lossesOfUnequalShapes() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = meanSquaredError(Tensor.zeros([4, 1]), Tensor.zeros([4]))
        }
        expectText(result, "meanSquaredError", "predictions", "[4, 1]", "reshaped([4, 1]) fits the targets")
    }

    @Test func classesOutOfRange() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = crossEntropy(Tensor.zeros([2, 10]), Tensor([3, 10]))
        }
        expectText(result, "crossEntropy: target 10 at [1] is outside 0 ..< 10 (10 classes)", "TrapTests.swift:")
    }

    @Test func classesOutOfRangeAmongManyAxes() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = crossEntropy(Tensor.zeros([2, 3, 4]), Tensor([[0, 1, 2, 0], [1, 1, -5, 1]]))
        }
        expectText(result, "crossEntropy: target -5 at [1, 2] is outside 0 ..< 3 (3 classes)", "TrapTests.swift:")
        let hot = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = oneHot(Tensor([[0, 1], [-1, 1]]), classCount: 2)
        }
        expectText(hot, "oneHot: index -1 at [1, 0] is outside 0 ..< 2 (2 classes)", "TrapTests.swift:")
    }

    @Test func indicesFromTensorsOutOfRange() async {
        let gathered = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3]).gathered(Tensor([0, -3, 3]), axis: 1)
        }
        expectText(
            gathered, "gathered: index 3 at [2] is outside axis 1, which has 3 elements", "TrapTests.swift:")
        let one = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3])[Tensor([[0, 1], [-2, 2]])]
        }
        expectText(one, "subscript: index 2 at [1, 1] is outside axis 0, which has 2 elements")
        let two = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3])[Tensor([0, 1]), Tensor([1, -4])]
        }
        expectText(two, "subscript: index -4 at [1] is outside axis 1, which has 3 elements")
        let assigned = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var x = Tensor.zeros([2, 3])
            x[Tensor([5])] = 1
        }
        expectText(assigned, "subscript: index 5 at [0] is outside axis 0, which has 2 elements")
    }

    @Test func indicesOutOfRange() async {
        let index = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3])[0, 3]
        }
        expectText(index, "subscript: index 3 is outside axis 1 of shape [2, 3]")
        let range = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3])[0..<4]
        }
        expectText(range, "subscript: range 0..<4 is outside axis 0 of shape [2, 3]")
        let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3])[(-3)...]
        }
        expectText(negative, "subscript: range -3..< is outside axis 0 of shape [2, 3]")
        let falling = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3])[.slice(from: 2, by: -1)]
        }
        expectText(falling, "subscript: slices from 2 down to the first are outside axis 0 of shape [2, 3]")
        let step = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3])[.slice(by: 0)]
        }
        expectText(step, "slice: the step must not be 0")
        let ellipses = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3])[.ellipsis, 0, .ellipsis]
        }
        expectText(ellipses, "subscript: there can be one .ellipsis, not 2")
        let many = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3])[.ellipsis, 0, 0, 0]
        }
        expectText(many, "subscript: 4 indices for shape [2, 3], which has 2 axes")
        let axis = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3]).sum(axis: 2)
        }
        expectText(axis, "sum: axis 2 does not exist", "axes -2 ..< 2")
    }

    @Test func creationWithWrongCounts() async {
        let rows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([[1, 2], [3]])
        }
        expectText(rows, "tensor: row 0 has 2 elements, row 1 has 1")
        let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([1, 2, 3], shape: [2, 2])
        }
        expectText(count, "tensor: 3 elements do not fill shape [2, 2], which has 4")
    }

    @Test func backwardOfATensorWithManyElements() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            (Parameter(.zeros([3])) * 2).backward()
        }
        expectText(
            result, "backward: a tensor of more than one element needs an explicit gradient", "tensor = [3]",
            "sum().backward()")
    }

    @Test func backwardTwice() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let y = Parameter(.zeros([3])).tensor.exp().sum()
            y.backward()
            y.backward()
        }
        expectText(result, "an earlier backward pass released what \"sum\" had saved", "retainGraph: true")
    }

    @Test func backwardWithoutHistory() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = Parameter(.zeros([]))
            withoutGradients { x * 2 }.backward()
        }
        expectText(result, "backward: the tensor has no recorded history", "outside withoutGradients { }")
    }

    @Test func itemOfManyElements() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2]).item()
        }
        expectText(result, "item: the tensor must have exactly one element", "tensor = [2]", "array(of:)")
    }

    /// Operators cannot know who called them: no place is better than one inside the framework.
    @Test func operatorsNameNoPlaceOfTheirOwn() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([2, 3]) + Tensor.zeros([2])
        }
        expectText(result, "add: shapes must broadcast")
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(!text.contains("YuyanCore/"))
    }

    @Test func shapesThatNoMemoryHolds() async {
        let elements = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([1, 1, 1]).broadcast(to: Shape([Int](repeating: Int(Int32.max), count: 3)))
        }
        expectText(elements, "shape: [2147483647, 2147483647, 2147483647] has more elements than memory can have")
        let bytes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.zeros([Int(Int32.max), Int(Int32.max)])
        }
        expectText(bytes, "shape: [2147483647, 2147483647] has more elements than memory can have")
    }

    @Test func randomNumbersOfOtherTypes() async {
        let storage = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.uniform([2], dtype: .bfloat16)
        }
        expectText(
            storage, "uniform: random numbers are drawn as float32 or float64, not bfloat16", "cast(to: .bfloat16)",
            "TrapTests.swift:")
        let integers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.normal([2], dtype: .int64)
        }
        expectText(integers, "normal: random numbers are drawn as float32 or float64, not int64")
    }

    /// `failure(_:)` alone knows which places are the framework's own.
    @Test func nothingTrapsByAnotherWay() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")
        var count = 0
        for target in ["YuyanCore", "YuyanNN", "YuyanModels", "YuyanData", "YuyanPlot", "YuyanTraining"] {
            let folder = sources.appendingPathComponent(target)
            let enumerator = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            for case let file as URL in enumerator where file.pathExtension == "swift" {
                count += 1
                let calls =
                    try String(contentsOf: file, encoding: .utf8).components(separatedBy: "fatalError(").count - 1
                #expect(
                    calls == (file.lastPathComponent == "ShapeError.swift" ? 1 : 0),
                    "\(target)/\(file.lastPathComponent)")
            }
        }
        #expect(count > 100)
    }
}
