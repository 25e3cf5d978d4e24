import Testing
import YuyanCore
import YuyanData

/// Values that repeat in no direction: (7 i² + 3 i) mod 16 / 16 for the i-th.
private func pattern(_ height: Int, _ width: Int) -> Tensor {
    let values = (0..<height * width).map { (index: Int) -> Float in Float((7 * index * index + 3 * index) % 16) / 16 }
    return Tensor(values, shape: [1, height, width])
}

private struct Case {
    var old: Size2D
    var new: Size2D
    var plain: [Float]
    var smooth: [Float]
}

/// PyTorch 2.15: interpolate(x, size, mode="bilinear", align_corners=False, antialias=…) of the same pattern.
private let cases = [
    Case(
        old: [3, 4], new: [2, 2], plain: [0.4375, 0.4375, 0.4375, 0.4375],
        smooth: [0.486607164, 0.53125006, 0.53125006, 0.486607194]),
    Case(
        old: [3, 4], new: [5, 3],
        plain: [
            0.104166679, 0.375, 0.43750006, 0.370833337, 0.575000048, 0.570833385, 0.770833313, 0.875, 0.770833313,
            0.570833266, 0.574999928, 0.370833158, 0.4375, 0.375, 0.104166567,
        ],
        smooth: [
            0.1875, 0.375, 0.387500048, 0.42750001, 0.575000048, 0.547500014, 0.787499964, 0.875, 0.787499964,
            0.547499955, 0.574999928, 0.427499861, 0.387499988, 0.375, 0.18749994,
        ]),
    Case(
        old: [5, 7], new: [3, 2], plain: [0.46875, 0.625, 0.1875, 0.40625, 0.53125006, 0.479166687],
        smooth: [0.392026544, 0.530315697, 0.407299727, 0.383074969, 0.485465139, 0.313122928]),
    Case(
        old: [2, 1], new: [3, 3], plain: [0, 0, 0, 0.3125, 0.3125, 0.3125, 0.625, 0.625, 0.625],
        smooth: [0, 0, 0, 0.3125, 0.3125, 0.3125, 0.625, 0.625, 0.625]),
]

@Suite struct ResizingTests {
    @Test func agreesWithPyTorch() throws {
        for one in cases {
            for (antialias, expected) in [(false, one.plain), (true, one.smooth)] {
                let image = pattern(one.old.height, one.old.width)
                // Three channels, of which each is computed for itself.
                let colored = concatenate([image, -image, image * 2], axis: 0)
                let result = try ImageTransforms([.resize(one.new, antialias: antialias)])(colored)
                #expect(result.shape == [3, one.new.height, one.new.width])
                let all = result.array(of: Float.self)
                let count = expected.count
                for (index, value) in expected.enumerated() {
                    // A few roundings of float32 in sums of at most 1.
                    #expect(abs(all[index] - value) < 1e-6, "\(one.old) to \(one.new), antialias \(antialias)")
                    #expect(abs(all[count + index] + value) < 1e-6)
                    #expect(abs(all[2 * count + index] - 2 * value) < 2e-6)
                }
            }
        }
    }

    @Test func keepsWhatNeedsNoChange() throws {
        let image = pattern(4, 6)
        #expect(try ImageTransforms([.resize([4, 6])])(image).array(of: Float.self) == image.array(of: Float.self))
        let even = Tensor([Float](repeating: 0.625, count: 63), shape: [1, 9, 7])
        for size: Size2D in [3, 20] {
            for antialias in [false, true] {
                let result = try ImageTransforms([.resize(size, antialias: antialias)])(even)
                #expect(result.array(of: Float.self).allSatisfy { abs($0 - 0.625) < 1e-6 })
            }
        }
    }

    @Test func theShorterSideKeepsTheProportions() throws {
        let transforms: ImageTransforms = [.resizeShorterSide(4)]
        #expect(try transforms.outputShape([3, 10, 15]) == [3, 4, 6])
        #expect(try transforms.outputShape([1, 15, 10]) == [1, 6, 4])
        // ⌊4 · 7 / 5⌋
        #expect(try transforms.outputShape([1, 5, 7]) == [1, 4, 5])
        let image = pattern(5, 7)
        #expect(
            try transforms(image).array(of: Float.self)
                == ImageTransforms([.resize([4, 5])])(image).array(of: Float.self))
    }
}
