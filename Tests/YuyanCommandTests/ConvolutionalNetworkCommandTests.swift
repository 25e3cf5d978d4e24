import Foundation
import Testing
import Yuyan

/// The commands with the book's convolutional networks, narrow and on small images.
@Suite struct ConvolutionalNetworkCommandTests {
    /// The networks with the sizes of image that cost little.
    private static let networks = [
        ("alexnet", 67), ("vgg11", 32), ("nin", 67), ("googlenet", 32), ("lenet-batchnorm", 28), ("resnet18", 32),
        ("densenet", 32),
    ]

    private struct Summary: Decodable {
        struct Layer: Decodable {
            var name: String
            var outputShape: [Int]
        }

        var inputShape: [Int]
        var layers: [Layer]
        var parameters: Int

        init(_ arguments: String...) throws {
            let child = try Child.run(["summary", "--json"] + arguments)
            try #require(child.status == 0, "\(child.errors)")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            self = try decoder.decode(Summary.self, from: Data(child.output.utf8))
        }
    }

    /// CURRICULUM 4.3: VGG with channels divided by 8 and 512 hidden units, and the book's sizes of image.
    @Test func summaryFollowsWidthAndSize() throws {
        let narrow = try Summary("vgg11", "--width-ratio", "8", "--resize", "224")
        #expect(narrow.parameters == 2_018_346 && narrow.inputShape == [1, 1, 224, 224])
        #expect(narrow.layers.first?.name == "vgg_block_1.0")
        let google = try Summary("googlenet", "--width-ratio", "16")
        #expect(google.inputShape == [1, 1, 96, 96])
        #expect(google.layers.last?.outputShape == [1, 10])
        #expect(try Summary("lenet").inputShape == [1, 1, 28, 28])
        // Of 32 × 32 pixels LeNet's convolutions and poolings leave 16 maps of 6 × 6.
        #expect(try Summary("lenet", "--resize", "32").layers.contains { $0.outputShape == [1, 576] })
        #expect(try Summary("lenet-batchnorm").parameters == 44_878)
    }

    /// CURRICULUM 4.3 and 5: learning rates, batches and sizes of the images, where they are not those of LeNet.
    @Test func settingsOfTheBook() throws {
        let help = try Child.run("train", "--help").output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            help.contains(
                "alexnet 0.01, vgg11 0.05, nin 0.1, googlenet 0.1, lenet-batchnorm 1.0, resnet18 0.05, densenet 0.1)"))
        #expect(
            help.contains("(default: 256, linear-regression 10, alexnet 128, vgg11 128, nin 128, googlenet 128)"))
        #expect(
            help.contains(
                "(default: alexnet 224, vgg11 224, nin 224, googlenet 96, resnet18 96, densenet 96)"))
    }

    /// Each is trained, continued to the same bits as without a stop, evaluated, used and drawn.
    @Test func runsOfAllNetworks() throws {
        let folder = try DataFolder()
        let picture = folder.file("picture.png")
        try Image(width: 40, height: 40, pixels: (0..<1600).map { UInt8($0 % 200) }).write(to: picture)
        for (model, size) in Self.networks {
            let arguments = [
                "train", model, "--data", folder.path, "--resize", "\(size)", "--width-ratio", "32", "--batch-size",
                "16",
                "--quiet", "--threads", "1", "--checkpoint-every", "2steps",
            ]
            let (whole, parts) = (folder.file("\(model)-whole"), folder.file("\(model)-parts"))
            for arguments in [
                arguments + ["--epochs", "2", "--output", whole.path],
                arguments + ["--epochs", "1", "--output", parts.path],
                ["train", "--resume", parts.path, "--epochs", "2", "--quiet"],
            ] {
                let child = try Child.run(arguments)
                #expect(child.status == 0, "\(arguments): \(child.errors)")
            }
            for file in ["weights.safetensors", "metrics.csv", "test.csv"] {
                let (first, second) = (whole.appendingPathComponent(file), parts.appendingPathComponent(file))
                #expect(try Data(contentsOf: first) == Data(contentsOf: second), "\(model) \(file)")
            }
            let weights = whole.appendingPathComponent("weights.safetensors").path
            let form = ["--width-ratio", "32", "--resize", "\(size)"]
            let ofRun = try Child.run("evaluate", whole.path, "--data", folder.path, "--quiet")
            let ofWeights = try Child.run(
                ["evaluate", model, "--weights", weights, "--data", folder.path, "--quiet"] + form)
            #expect(ofRun.status == 0 && ofRun.output == ofWeights.output, "\(ofRun.errors) \(ofWeights.errors)")
            let named = try Child.run("predict", picture.path, "--run", whole.path, "--json")
            #expect(named.status == 0, "\(named.errors)")
            let same = try Child.run(
                ["predict", picture.path, "--model", model, "--weights", weights, "--json"] + form)
            func classes(_ text: String) -> Substring? { text.firstMatch(of: /"classes":\[[^\]]*\]/)?.output }
            #expect(classes(named.output) != nil && classes(named.output) == classes(same.output), "\(same.errors)")
            #expect(try Child.run(["graph", model] + form).status == 0)
        }
    }

    /// Running statistics are part of what is continued.
    @Test func aKilledRunWithBatchNormEndsWithTheSameBits() throws {
        let folder = try DataFolder(trainCount: 200)
        let arguments = [
            "train", "lenet-batchnorm", "--data", folder.path, "--batch-size", "16", "--epochs", "6", "--quiet",
            "--checkpoint-every", "3steps", "--threads", "1",
        ]
        let reference = folder.file("reference")
        #expect(try Child.run(arguments + ["--output", reference.path]).status == 0)
        let output = folder.file("out")
        var kills = 0
        while true {
            let canResume = FileManager.default.fileExists(atPath: last(output).path)
            if !canResume { try? FileManager.default.removeItem(at: output) }
            let child = try RunningChild(
                canResume ? ["train", "--resume", output.path, "--quiet"] : arguments + ["--output", output.path])
            if kills < 4 {
                let before = try? Data(contentsOf: last(output))
                _ = waitUntil { !child.isRunning || (try? Data(contentsOf: last(output))) != before }
                child.send(SIGKILL)
            }
            let result = child.finish()
            guard child.diedFromSignal else {
                #expect(result.status == 0, "\(result.errors)")
                break
            }
            kills += 1
        }
        #expect(kills > 0)
        for file in ["weights.safetensors", "metrics.csv", "test.csv"] {
            #expect(
                try Data(contentsOf: output.appendingPathComponent(file))
                    == Data(contentsOf: reference.appendingPathComponent(file)), "\(file)")
        }
    }

    @Test func whatCannotBe() throws {
        let folder = try DataFolder()
        let run = folder.file("run").path
        let arguments = ["train", "lenet", "--data", folder.path, "--epochs", "1", "--quiet", "--output", run]
        #expect(try Child.run(arguments).status == 0)
        for (arguments, message) in [
            (["train", "lenet", "--width-ratio", "2"], "--width-ratio: the width of lenet cannot be chosen."),
            (["summary", "nin", "--width-ratio", "0"], "--width-ratio must be a whole number above 0, not '0'."),
            (["graph", "linear-regression", "--resize", "32"], "--resize: linear-regression does not look at images."),
            (["train", "alexnet", "--resize", "66"], "--resize must be 67 to 1024 for alexnet, not '66'."),
            (["train", "vgg11", "--resize", "16"], "--resize must be 32 to 1024 for vgg11, not '16'."),
            (["train", "densenet", "--resize", "16"], "--resize must be 29 to 1024 for densenet, not '16'."),
            (["train", "lenet-batchnorm", "--resize", "15"], "--resize must be 16 to 1024 for lenet-batchnorm"),
            (["train", "nin", "--resize", "-5"], "--resize must be 67 to 1024 for nin, not '-5'."),
            (["summary", "vgg11", "--resize", "9999"], "--resize must be 32 to 1024 for vgg11, not '9999'."),
            (["train", "--resume", run, "--resize", "32"], "--resize cannot be given with --resume"),
            (["train", "--resume", run, "--width-ratio", "2"], "--width-ratio cannot be given with --resume"),
            (["evaluate", run, "--resize", "32"], "--resize cannot be given: the run has its own."),
            (["evaluate", run, "--width-ratio", "2"], "--width-ratio cannot be given: the run has its own."),
            // 58 of 64 samples are left to train on.
            (
                ["train", "lenet-batchnorm", "--data", folder.path, "--batch-size", "19", "--no-save"],
                "--batch-size 19: of 58 samples to train on one is left for the last batch"
            ),
        ] {
            let child = try Child.run(arguments)
            #expect(child.status != 0 && child.output == "", "\(arguments)")
            #expect(child.errors.contains(message), "\(arguments): \(child.errors)")
        }
    }

    /// A file of settings that people have changed ends in one line, not in a trap.
    @Test func settingsThatTheNetworkCannotHave() throws {
        let folder = try DataFolder()
        let run = folder.file("run")
        let arguments = [
            "train", "vgg11", "--data", folder.path, "--resize", "32", "--width-ratio", "32", "--epochs", "1",
            "--quiet",
            "--output", run.path,
        ]
        #expect(try Child.run(arguments).status == 0)
        let file = try #require(
            try FileManager.default.contentsOfDirectory(at: run, includingPropertiesForKeys: nil)
                .first { $0.lastPathComponent.hasPrefix("config") })
        let text = try String(contentsOf: file, encoding: .utf8)
        for (key, message) in [("width_ratio", "width ratio of -1"), ("image_size", "images of -1 pixels")] {
            let changed = text.replacing(try Regex("\"\(key)\" ?: ?32"), with: "\"\(key)\": -1")
            try #require(changed != text, "\(text)")
            try changed.write(to: file, atomically: true, encoding: .utf8)
            let child = try Child.run("evaluate", run.path)
            #expect(child.status == 1 && child.errors.contains(message), "\(child.errors)")
        }
    }
}
