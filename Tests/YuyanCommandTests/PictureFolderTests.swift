import Foundation
import Testing
import YuyanCore
import YuyanData
import YuyanTraining

/// A folder that is removed when the test lets go of it, with pictures of three classes: red, green and blue, each with
/// some noise, in several sizes.
private final class PictureFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-pictures-\(UUID().uuidString)")

    init(_ parts: [String: Int] = ["": 10], side: Int? = nil) throws {
        for (part, count) in parts {
            for (channel, name) in ["blue", "green", "red"].enumerated() {
                for index in 0..<count {
                    let (width, height) = (side ?? 18 + index, side ?? 16 + 2 * (index % 3))
                    let pixels = withSeed(UInt64(97 * channel + index)) {
                        (0..<width * height).flatMap { place in
                            (0..<3).map {
                                UInt8(truncatingIfNeeded: ($0 == 2 - channel ? 150 : 20) + place * (index + 7) % 60)
                            }
                        }
                    }
                    let image = Image(width: width, height: height, channelCount: 3, pixels: pixels)
                    try write(image.pngData, "\(part)/\(name)/\(index).png")
                }
            }
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var path: String { url.path }
    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    func write(_ bytes: [UInt8], _ name: String) throws {
        let file = file(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }
}

@Suite struct PictureFolderTests {
    private let options = ["--epochs", "3", "--batch-size", "6", "--quiet", "--threads", "1"]

    private func accuracy(_ run: Run) throws -> Double { try #require(try run.testRecord()?.accuracy) }

    /// Folder → train → evaluate → predict: pictures of three colors in several sizes, resized and changed at random.
    @Test func learnsEvaluatesAndPredicts() throws {
        let folder = try PictureFolder()
        let results = try DataFolder()
        let output = results.file("run")
        let child = try Child.run(
            [
                "train", "softmax-regression", "--data", folder.path, "--resize", "12", "--augment", "flip", "crop",
                "rotate",
            ]
                + ["--output", output.path] + options)
        #expect(child.status == 0, "\(child.errors)")
        let run = try Run(at: output)
        let images = try #require(try run.configuration().recipe?.images)
        #expect(images.classNames == ["blue", "green", "red"] && images.shape == [3, 12, 12])
        #expect(images.evaluation == [.resizeShorterSide(12), .centerCrop(12)])
        #expect(
            images.training.steps
                == images.evaluation.steps + [
                    .randomHorizontalFlip(), .randomCrop(12, padding: 1), .randomRotation(degrees: 15),
                ])
        #expect(try accuracy(run) == 1)
        // Of 10 pictures of each class, 2 are kept back to test with.
        let evaluation = try Child.run("evaluate", output.path)
        #expect(evaluation.status == 0, "\(evaluation.errors)")
        #expect(evaluation.output.contains(" on 6 samples\n"), "\(evaluation.output)")
        for name in images.classNames { #expect(evaluation.output.contains("\n\(name) "), "\(evaluation.output)") }
        for name in images.classNames {
            let prediction = try Child.run(
                "predict", folder.file("\(name)/3.png").path, "--run", output.path, "--quiet")
            #expect(prediction.output == "\(folder.file("\(name)/3.png").path)  \(name)\n", "\(prediction.errors)")
        }
        let report = try Child.run("report", output.path, "--quiet")
        #expect(report.status == 0, "\(report.errors)")
        let shown = try Child.run("runs", "show", output.path)
        #expect(shown.output.contains("random horizontal flip, random crop, random rotation"), "\(shown.output)")
    }

    /// Random changes and loading threads, interrupted in the middle of an epoch.
    @Test func aResumedRunEndsWithTheSameBits() throws {
        let folder = try PictureFolder()
        let results = try DataFolder()
        func arguments(_ name: String, _ epochs: Int) -> [String] {
            [
                "train", "mlp", "--data", folder.path, "--resize", "8", "--augment", "flip", "crop", "color",
                "--workers",
                "1", "--batch-size", "4", "--threads", "1", "--quiet", "--epochs", "\(epochs)", "--output",
                results.file(name).path,
            ]
        }
        func weights(_ name: String) throws -> Data {
            try Data(contentsOf: results.file(name).appendingPathComponent("weights.safetensors"))
        }
        #expect(try Child.run(arguments("whole", 4)).status == 0)
        #expect(try Child.run(arguments("parts", 2)).status == 0)
        #expect(try weights("parts") != weights("whole"))
        let resumed = try Child.run(
            "train", "--resume", results.file("parts").path, "--epochs", "4", "--quiet")
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(try weights("parts") == weights("whole"))
        let refused = try Child.run("train", "--resume", results.file("parts").path, "--augment", "flip")
        #expect(
            refused.errors.hasPrefix("Error: --augment cannot be given with --resume: the run keeps its settings."))
        // Other pictures in the folder are noticed.
        try FileManager.default.removeItem(at: folder.file("red/1.png"))
        let changed = try Child.run("train", "--resume", results.file("parts").path, "--epochs", "5")
        #expect(changed.status == 1)
        #expect(
            changed.errors.hasPrefix("Error: \(folder.path): the train set is another than the run began with"),
            "\(changed.errors)")
    }

    @Test func partsHaveFoldersOfTheirOwn() throws {
        let folder = try PictureFolder(["train": 4, "val": 2, "test": 3], side: 9)
        let child = try Child.run(
            "train", "softmax-regression", "--data", folder.path, "--gray", "--epochs", "1", "--no-save")
        #expect(child.status == 0, "\(child.errors)")
        #expect(child.output.contains("samples: train 12, validation 6, test 9\n"), "\(child.output)")
        let two = try PictureFolder(["train": 10, "val": 2], side: 9)
        let other = try Child.run("train", "softmax-regression", "--data", two.path, "--epochs", "1", "--no-save")
        // A tenth of 10 of each class; val is what is tested with.
        #expect(other.output.contains("samples: train 27, validation 3, test 6\n"), "\(other.output)")
    }

    @Test func whatIsWrongIsSaidBeforeTrainingStarts() throws {
        let results = try DataFolder()
        var number = 0
        func error(_ folder: PictureFolder, _ options: String...) throws -> String {
            number += 1
            let output = results.file("run-\(number)")
            let child = try Child.run(
                ["train", "lenet", "--data", folder.path, "--epochs", "1", "--output", output.path] + options)
            #expect(child.status == 1 && child.output == "", "\(child.output)")
            #expect(!FileManager.default.fileExists(atPath: output.path))
            return child.errors
        }
        let sizes = try PictureFolder()
        #expect(
            try error(sizes) == "Error: \(sizes.file("blue/1.png").path): has 19 × 18 pixels, 0.png 18 × 16: images of "
                + "several sizes must be resized to one: --resize N\n")
        try sizes.write([UInt8]("no picture".utf8), "green/7b.png")
        #expect(
            try error(sizes, "--resize", "16")
                == "Error: \(sizes.file("green/7b.png").path): is not a PNG or JPEG image\n")
        // Behind the first bytes, which tell the size, and before the last.
        try FileManager.default.removeItem(at: sizes.file("green/7b.png"))
        var damaged = withSeed(1) { Image(Tensor.uniform([3, 20, 20])) }.pngData
        for index in 60..<120 { damaged[index] = 0x55 }
        try sizes.write(damaged, "green/5.png")
        let message = try error(sizes, "--resize", "16")
        #expect(message.hasPrefix("Error: \(sizes.file("green/5.png").path): PNG cannot be read: "), "\(message)")
        #expect(message.filter { $0 == "\n" }.count == 1)
        let missing = try PictureFolder(["train": 3, "test": 1], side: 14)
        try FileManager.default.removeItem(at: missing.file("test/red"))
        #expect(
            try error(missing) == "Error: \(missing.file("test").path): lacks the class 'red', which train has\n")
        try FileManager.default.removeItem(at: missing.file("train/red/0.png"))
        try FileManager.default.removeItem(at: missing.file("train/red/1.png"))
        try FileManager.default.removeItem(at: missing.file("train/red/2.png"))
        #expect(
            try error(missing)
                == "Error: \(missing.file("train/red").path): holds no PNG or JPEG images; each class needs some\n")
        let small = try PictureFolder(side: 9)
        #expect(
            try error(small) == "Error: \(small.path): the pictures have 9 × 9 pixels; lenet needs 12 or more: "
                + "--resize N makes them larger\n")
        for class_ in ["green", "red"] { try FileManager.default.removeItem(at: small.file(class_)) }
        #expect(
            try error(small, "--resize", "16")
                == "Error: \(small.path): holds one class, 'blue'; a classifier tells two or more apart\n")
        try small.write(
            Image(width: 9, height: 9, channelCount: 3, pixels: [UInt8](repeating: 9, count: 243)).pngData, "red/0.png")
        #expect(
            try error(small, "--resize", "16")
                == "Error: \(small.path): of the class 'red' there is 1 image, and one is needed to train on and another to "
                + "keep back\n")
        try FileManager.default.removeItem(at: small.file("blue"))
        try FileManager.default.removeItem(at: small.file("red"))
        #expect(
            try error(small)
                == "Error: \(small.path): holds no images: it must hold a folder for each class, with PNG or JPEG images\n"
        )
    }

    /// Without the run, the pictures tell classes and colors; other pictures are refused.
    @Test func weightsAloneTakeTheirClassesFromThePictures() throws {
        let folder = try PictureFolder()
        let results = try DataFolder()
        for colors in [[], ["--gray"]] {
            let output = results.file("run\(colors.count)")
            let child = try Child.run(
                ["train", "softmax-regression", "--data", folder.path, "--resize", "12", "--output", output.path]
                    + options + colors)
            #expect(child.status == 0, "\(child.errors)")
            let weights = output.appendingPathComponent("weights.safetensors").path
            let form = ["--weights", weights, "--data", folder.path, "--resize", "12"]
            let ofRun = try Child.run("evaluate", output.path, "--quiet")
            let alone = try Child.run(["evaluate", "softmax-regression", "--quiet"] + form)
            #expect(alone.status == 0 && alone.output == ofRun.output, "\(alone.errors)")
            let picture = folder.file("red/3.png").path
            let predicted = try Child.run(["predict", picture, "--model", "softmax-regression"] + form)
            #expect(predicted.status == 0 && predicted.output.contains("\n  red "), "\(predicted.errors)")
            let run = try Child.run("predict", picture, "--run", output.path)
            #expect(predicted.output == run.output)
            for arguments in [["predict", picture, "--model"], ["evaluate"]] {
                let lost = try Child.run(arguments + ["softmax-regression", "--weights", weights])
                #expect(lost.status == 1)
                #expect(lost.errors.hasSuffix("; --data and --resize must be as in the training\n"), "\(lost.errors)")
            }
            let both = try Child.run("predict", picture, "--run", output.path, "--data", folder.path)
            #expect(both.status == 64 && both.errors.hasPrefix("Error: --data cannot be given with --run."))
        }
        let other = try PictureFolder(["": 5])
        try FileManager.default.moveItem(at: other.file("red"), to: other.file("yellow"))
        let refused = try Child.run("evaluate", results.file("run0").path, "--data", other.path)
        #expect(refused.status == 1)
        #expect(
            refused.errors
                == "Error: \(other.path): holds the classes blue, green, yellow; the run was told of blue, green, red\n"
        )
    }

    @Test func optionsOfPicturesNeedPictures() throws {
        for option in ["--augment flip", "--gray"].map({ $0.split(separator: " ").map(String.init) }) {
            let child = try Child.run(["train", "linear-regression", "--no-save"] + option)
            #expect(child.status == 64)
            #expect(
                child.errors.hasPrefix("Error: \(option[0]): linear-regression does not look at images."),
                "\(child.errors)")
        }
    }

    /// Fashion-MNIST with random changes is a run of its own kind, and `predict` still looks at its pictures as before.
    @Test func fashionMNISTCanBeAugmented() throws {
        let folder = try DataFolder()
        let output = folder.file("run")
        let child = try Child.run(
            ["train", "softmax-regression", "--data", folder.path, "--augment", "flip", "--output", output.path]
                + options)
        #expect(child.status == 0, "\(child.errors)")
        let settings = try #require(try Run(at: output).configuration().recipe)
        #expect(settings.dataSet == "Fashion-MNIST" && settings.images?.training == [.randomHorizontalFlip()])
        #expect(settings.images?.evaluation == [] && settings.images?.shape == [1, 28, 28])
        let picture = folder.file("light.png")
        try Image(width: 40, height: 30, pixels: [UInt8](repeating: 250, count: 1200)).write(to: picture)
        let prediction = try Child.run("predict", picture.path, "--run", output.path)
        #expect(prediction.output.hasPrefix("\(picture.path)  40 × 30, inverted\n"), "\(prediction.errors)")
    }

    @Test func cifar10IsReadByPath() throws {
        let folder = try DataFolder()
        for file in (1...5).map({ "data_batch_\($0)" }) + ["test_batch"] {
            var bytes: [UInt8] = []
            for label in 0..<10 {
                bytes.append(UInt8(label))
                for byte in 0..<3072 {
                    let isOwnChannel = byte / 1024 == label % 3
                    bytes.append(UInt8(10 * label + (isOwnChannel ? 100 : 0)))
                }
            }
            try Data(bytes).write(to: folder.file("\(file).bin"))
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasSuffix(".gz") {
            try FileManager.default.removeItem(at: folder.file(name))
        }
        let output = folder.file("run")
        let child = try Child.run(
            [
                "train", "mlp", "--data", folder.path, "--output", output.path, "--augment", "flip", "--learning-rate",
                "0.5",
            ]
                + options)
        #expect(child.status == 0, "\(child.errors)")
        let settings = try #require(try Run(at: output).configuration().recipe)
        #expect(settings.dataSet == "CIFAR-10" && settings.images?.shape == [3, 32, 32])
        #expect(settings.images?.classNames == CIFAR10.classNames)
        #expect(settings.dataChecksums?.keys.sorted() == ["test", "train"])
        let evaluation = try Child.run("evaluate", output.path)
        #expect(evaluation.output.contains("\nairplane "), "\(evaluation.errors)")
        try Data([1, 2, 3]).write(to: folder.file("test_batch.bin"))
        let new = folder.file("new").path
        for arguments in [["evaluate", output.path], ["train", "mlp", "--data", folder.path, "--output", new]] {
            let wrong = try Child.run(arguments)
            #expect(
                wrong.errors
                    == "Error: \(folder.file("test_batch.bin").path): has 3 bytes, which are no whole records of 3073 "
                    + "(label and pixels)\n")
            #expect(wrong.status == 1)
        }
        #expect(!FileManager.default.fileExists(atPath: new))
    }
}
