import Foundation
import Testing
import YuyanCore
import YuyanData

/// 0, 1, 2, … of `[C, H, W]`.
private func counting(_ channels: Int, _ height: Int, _ width: Int) -> Tensor {
    Tensor((0..<channels * height * width).map { Float($0) }, shape: [channels, height, width])
}

private func values(_ transform: ImageTransform, _ image: Tensor, seed: UInt64 = 0) throws -> [Float] {
    try withSeed(seed) { try ImageTransforms([transform])(image) }.array(of: Float.self)
}

private func color(_ red: Float, _ green: Float, _ blue: Float) -> Tensor {
    Tensor([red, green, blue], shape: [3, 1, 1])
}

@Suite struct ImageTransformTests {
    @Test func normalizes() throws {
        let image = counting(2, 1, 2)
        #expect(
            try values(.normalize(mean: [1, 2], standardDeviation: [0.5, 4]), image) == [-2, 0, 0, 0.25])
        #expect(try values(.normalize(mean: [1], standardDeviation: [2]), image) == [-0.5, 0, 0.5, 1])
    }

    @Test func weighsColorsToGray() throws {
        let result = try values(.grayscale, color(0.5, 0.25, 1))
        #expect(result.count == 1 && abs(result[0] - (0.5 * 0.2989 + 0.25 * 0.587 + 0.114)) < 1e-6)
        #expect(try values(.grayscale, counting(1, 2, 2)) == [0, 1, 2, 3])
        #expect(try ImageTransforms([.grayscale]).outputShape([3, 4, 5]) == [1, 4, 5])
    }

    @Test func cropsTheMiddle() throws {
        // Rows and columns from (4 − 2) / 2 = 1 on.
        #expect(try values(.centerCrop(2), counting(1, 4, 4)) == [5, 6, 9, 10])
        // Half pixels go to the even one, as torchvision's do: (3 − 2) / 2 = 0.5 to 0, (5 − 2) / 2 = 1.5 to 2.
        #expect(try values(.centerCrop([2, 2]), counting(1, 3, 5)) == [2, 3, 7, 8])
        #expect(try values(.centerCrop([1, 2]), counting(2, 1, 2)) == [0, 1, 2, 3])
    }

    @Test func flipsRowsAndColumns() throws {
        let image = counting(2, 2, 3)
        let mirrored: [Float] = [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9]
        let upsideDown: [Float] = [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8]
        #expect(try values(.randomHorizontalFlip(probability: 1), image) == mirrored)
        #expect(try values(.randomVerticalFlip(probability: 1), image) == upsideDown)
        for seed in 0..<20 {
            #expect(
                try values(.randomHorizontalFlip(probability: 0), image, seed: UInt64(seed))
                    == image.array(of: Float.self))
        }
        var flips = 0
        try withSeed(1) {
            for _ in 0..<1000 {
                let result = try ImageTransforms([.randomHorizontalFlip(probability: 0.25)])(image)
                if result.array(of: Float.self) == mirrored { flips += 1 }
            }
        }
        // Four standard deviations of a binomial count, √(1000 · 0.25 · 0.75) = 13.7.
        #expect(abs(flips - 250) < 55)
    }

    /// Each part is one of those that are there, and all are drawn.
    @Test func cropsFromAllPlaces() throws {
        let image = counting(1, 3, 4) + 1
        /// With two rows and columns of zeros around the image.
        func padded(_ y: Int, _ x: Int) -> Float {
            guard (2..<5).contains(y), (2..<6).contains(x) else { return 0 }
            return Float(4 * (y - 2) + x - 1)
        }
        var found: Set<[Float]> = []
        for seed in 0..<400 { found.insert(try values(.randomCrop([3, 4], padding: 2), image, seed: UInt64(seed))) }
        var all: Set<[Float]> = []
        for top in 0...4 {
            for left in 0...4 {
                all.insert((0..<12).map { padded(top + $0 / 4, left + $0 % 4) })
            }
        }
        #expect(found == all && found.count == 25)
        #expect(try values(.randomCrop([3, 4]), image) == image.array(of: Float.self))
    }

    /// A line through the middle keeps its symmetry, whatever the angle.
    @Test func rotatesAboutTheMiddle() throws {
        let image = Tensor([0, 0, 0, 1, 1, 1, 0, 0, 0] as [Float], shape: [1, 3, 3])
        for seed in 0..<20 {
            let turned = try values(.randomRotation(degrees: 90, fill: 0), image, seed: UInt64(seed))
            // The middle stays, and a line through it has the same values at both ends.
            #expect(abs(turned[4] - 1) < 1e-6)
            for (index, value) in turned.enumerated() { #expect(abs(value - turned[8 - index]) < 1e-6) }
        }
        #expect(try values(.randomRotation(degrees: 0), image) == image.array(of: Float.self))
        // A slope is turned by the angle and keeps its steepness: bilinear interpolation is exact for it.
        let slope = Tensor((0..<441).map { 0.02 * Float($0 % 21) }, shape: [1, 21, 21])
        var angles: [Float] = []
        for seed in 0..<20 {
            let turned = try values(.randomRotation(degrees: 30), slope, seed: UInt64(seed))
            func value(_ y: Int, _ x: Int) -> Float { turned[y * 21 + x] }
            let (across, down) = (value(10, 11) - value(10, 10), value(11, 10) - value(10, 10))
            #expect(abs((across * across + down * down).squareRoot() - 0.02) < 1e-6)
            angles.append(atan2(down, across) * 180 / .pi)
            for (y, x) in [(4, 4), (4, 16), (16, 4), (16, 16)] {
                let expected = 0.2 + Float(x - 10) * across + Float(y - 10) * down
                #expect(abs(value(y, x) - expected) < 1e-5)
            }
        }
        #expect(angles.allSatisfy { abs($0) <= 30.01 } && angles.min()! < -10 && angles.max()! > 10)
        // What comes from outside has the value of the fill, and nothing else is left outside the circle.
        let white = Tensor([Float](repeating: 1, count: 81), shape: [1, 9, 9])
        var corners: Set<Float> = []
        for seed in 0..<20 {
            let turned = try values(.randomRotation(degrees: 180, fill: 0.5), white, seed: UInt64(seed))
            #expect(turned.allSatisfy { (0.5...1).contains($0) })
            corners.insert(turned[0])
            #expect(turned[40] == 1)
        }
        #expect(corners.contains(0.5))
    }

    @Test func jitterOfNothingChangesNothing() throws {
        let image = withSeed(3) { Tensor.uniform([3, 4, 5]) }
        #expect(try values(.colorJitter(), image) == image.array(of: Float.self))
        let gray = withSeed(3) { Tensor.uniform([1, 4, 5]) }
        #expect(try values(.colorJitter(saturation: 0.5, hue: 0.5), gray) == gray.array(of: Float.self))
    }

    /// A factor of 0…2 scales all values alike, and those above 1 become 1.
    @Test func brightnessScales() throws {
        let image = Tensor([0.1, 0.2, 0.4, 0.8] as [Float], shape: [1, 2, 2])
        var factors: [Float] = []
        for seed in 0..<40 {
            let result = try values(.colorJitter(brightness: 1), image, seed: UInt64(seed))
            let factor = result[0] / 0.1
            factors.append(factor)
            for (value, old) in zip(result, [0.1, 0.2, 0.4, 0.8] as [Float]) {
                #expect(abs(value - min(1, factor * old)) < 1e-6)
            }
        }
        #expect(factors.allSatisfy { (0...2.0001).contains($0) })
        #expect(factors.min()! < 0.4 && factors.max()! > 1.6)
    }

    /// The mean of the gray image stays as long as nothing is clamped, and differences from it scale.
    @Test func contrastScalesDifferencesFromTheMean() throws {
        let old: [Float] = [0.4, 0.45, 0.5, 0.65]
        for seed in 0..<20 {
            let result = try values(
                .colorJitter(contrast: 0.5), Tensor(old, shape: [1, 2, 2]), seed: UInt64(seed))
            let factor = (result[3] - 0.5) / 0.15
            #expect((0.5...1.5).contains(factor))
            for (value, old) in zip(result, old) { #expect(abs(value - (0.5 + factor * (old - 0.5))) < 1e-6) }
        }
    }

    /// By hand: gray = 0.2989 · 0.6 + 0.587 · 0.4 + 0.114 · 0.5.
    @Test func saturationMovesFromGray() throws {
        let gray: Float = 0.2989 * 0.6 + 0.587 * 0.4 + 0.114 * 0.5
        for seed in 0..<20 {
            let result = try values(.colorJitter(saturation: 0.9), color(0.6, 0.4, 0.5), seed: UInt64(seed))
            let factor = (result[0] - gray) / (0.6 - gray)
            #expect((0.1...1.9).contains(factor))
            #expect(abs(result[1] - (gray + factor * (0.4 - gray))) < 1e-6)
            #expect(abs(result[2] - (gray + factor * (0.5 - gray))) < 1e-6)
        }
    }

    /// Value and range of the three channels stay; gray stays gray.
    @Test func hueTurnsTheColorCircle() throws {
        var seen: Set<Int> = []
        for seed in 0..<60 {
            let result = try values(.colorJitter(hue: 0.5), color(0.8, 0.2, 0.2), seed: UInt64(seed))
            #expect(abs(result.max()! - 0.8) < 1e-6 && abs(result.min()! - 0.2) < 1e-6)
            seen.insert(result.firstIndex(of: result.max()!)!)
            let gray = try values(.colorJitter(hue: 0.5), color(0.3, 0.3, 0.3), seed: UInt64(seed))
            #expect(gray == [0.3, 0.3, 0.3])
        }
        #expect(seen == [0, 1, 2])
        // A strength of a sixth of the circle turns red at most to pure yellow or magenta.
        for seed in 0..<20 {
            let result = try values(.colorJitter(hue: 1.0 / 6), color(1, 0, 0), seed: UInt64(seed))
            #expect(result[0] == 1 && result.dropFirst().contains(0))
        }
    }

    /// With a channel of its own for each pixel's place: no transform mixes channels or moves them apart.
    @Test func channelsMoveTogether() throws {
        let one = withSeed(5) { Tensor.uniform([1, 6, 5]) }
        let image = concatenate([one, one, one], axis: 0)
        let transforms: ImageTransforms = [
            .randomRotation(degrees: 30), .resize([8, 9]), .randomCrop(7, padding: 1), .randomHorizontalFlip(),
            .randomVerticalFlip(),
        ]
        for seed in 0..<5 {
            let result = try withSeed(UInt64(seed)) { try transforms(image) }.array(of: Float.self)
            #expect(result.count == 3 * 49)
            #expect(Array(result[..<49]) == Array(result[49..<98]) && Array(result[..<49]) == Array(result[98...]))
        }
    }

    @Test func evaluationLeavesOutWhatIsRandom() {
        let transforms: ImageTransforms = [
            .resizeShorterSide(40), .randomCrop(32, padding: 4), .randomHorizontalFlip(), .randomVerticalFlip(),
            .randomRotation(degrees: 10), .colorJitter(brightness: 0.1),
            .normalize(mean: [0.5], standardDeviation: [0.5]),
        ]
        #expect(transforms.isRandom)
        #expect(
            transforms.evaluation == [
                .resizeShorterSide(40), .centerCrop(32, padding: 4), .normalize(mean: [0.5], standardDeviation: [0.5]),
            ])
        #expect(!transforms.evaluation.isRandom)
    }

    /// A crop that needs its padding has an image of the same size without chance.
    @Test func evaluationOfACropThatIsLargerThanTheImage() throws {
        let transforms: ImageTransforms = [.randomCrop([4, 3], padding: 1)]
        let evaluation = transforms.evaluation
        #expect(try evaluation.outputShape([1, 2, 3]) == [1, 4, 3])
        let image = Tensor([1, 2, 3, 4, 5, 6] as [Float]).reshaped([1, 2, 3])
        #expect(try evaluation(image).array(of: Float.self) == [0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0])
        let bytes = try JSONEncoder().encode(evaluation)
        #expect(try JSONDecoder().decode(ImageTransforms.self, from: bytes) == evaluation)
    }

    /// What is not finite keeps its place, whatever is drawn.
    @Test func huesOfNumbersThatAreNotFinite() throws {
        let image = Tensor([.infinity, 0.5, .nan, 0.25, 0, 1] as [Float]).reshaped([3, 1, 2])
        for seed in 0..<20 {
            let turned = try withSeed(UInt64(seed)) { try ImageTransforms([.colorJitter(hue: 0.5)])(image) }
            #expect(turned.shape == [3, 1, 2])
        }
    }

    @Test func refusesWhatCannotBeDone() {
        func reason(_ transform: ImageTransform, _ shape: Shape = [3, 4, 6]) -> String? {
            do {
                _ = try ImageTransforms([transform]).outputShape(shape)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(
            reason(.centerCrop(5))
                == "center_crop: 5 × 5 cannot be cut out of an image of 4 × 6 (height × width)")
        #expect(
            reason(.randomCrop([7, 6], padding: 1))
                == "random_crop: 7 × 6 cannot be cut out of an image of 6 × 8 (height × width)")
        #expect(reason(.randomCrop(6, padding: 1)) == nil)
        #expect(reason(.resize([0, 3])) == "resize: height and width must be above 0, not [0, 3]")
        #expect(reason(.resizeShorterSide(0)) == "resize_shorter_side: the length must be above 0, not 0")
        #expect(
            reason(.randomHorizontalFlip(probability: 2))
                == "random_horizontal_flip: the probability must be 0…1, not 2.0")
        #expect(reason(.colorJitter(hue: 0.6)) == "color_jitter: the hue must be 0…0.5, not 0.6")
        #expect(
            reason(.colorJitter(hue: 0.1), [2, 4, 6])
                == "color_jitter: an image is gray or RGB; this one has 2 channels")
        #expect(
            reason(.normalize(mean: [0, 0], standardDeviation: [1]))
                == "normalize: the mean has 2 numbers for 3 channels; 1 or 3 are needed")
        #expect(
            reason(.normalize(mean: [0], standardDeviation: [0]))
                == "normalize: the standard deviation must be above 0, not [0.0]")
        #expect(reason(.resize(2), [4, 6]) == "resize: an image is [C, H, W], not [4, 6]")
    }

    /// The form is stable: runs of today are read by a later Yuyan.
    @Test func formOfAConfiguration() throws {
        let transforms: ImageTransforms = [
            .resize([4, 5], antialias: false), .resizeShorterSide(7), .centerCrop([2, 3]), .randomCrop(4, padding: 1),
            .randomHorizontalFlip(), .randomVerticalFlip(probability: 0.25), .randomRotation(degrees: 15, fill: 1),
            .colorJitter(brightness: 0.5, contrast: 0.25, saturation: 0.125, hue: 0.0625),
            .grayscale, .normalize(mean: [0.5, 1], standardDeviation: [2, 4]),
        ]
        let text = """
            {"steps":[{"antialias":false,"height":4,"kind":"resize","width":5},\
            {"antialias":true,"kind":"resize_shorter_side","length":7},{"height":2,"kind":"center_crop","width":3},\
            {"height":4,"kind":"random_crop","padding":1,"width":4},\
            {"kind":"random_horizontal_flip","probability":0.5},{"kind":"random_vertical_flip","probability":0.25},\
            {"degrees":15,"fill":1,"kind":"random_rotation"},\
            {"brightness":0.5,"contrast":0.25,"hue":0.0625,"kind":"color_jitter","saturation":0.125},\
            {"kind":"grayscale"},{"kind":"normalize","mean":[0.5,1],"standardDeviation":[2,4]}],"version":1}
            """
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(transforms), as: UTF8.self) == text)
        #expect(try JSONDecoder().decode(ImageTransforms.self, from: Data(text.utf8)) == transforms)
        for wrong in [
            text.replacing(#""version":1"#, with: #""version":2"#), text.replacing("center_crop", with: "oval_crop"),
            text.replacing(#","length":7"#, with: ""),
        ] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(ImageTransforms.self, from: Data(wrong.utf8))
            }
        }
    }
}
