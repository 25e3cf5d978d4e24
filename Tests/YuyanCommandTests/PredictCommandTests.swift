import Foundation
import Testing
import Yuyan

/// A folder with data, the weights of a softmax regression and a picture, made once for all tests.
private struct Scene {
    let folder: DataFolder
    let weights: URL
    let picture: URL

    /// The weights give class 3 to what is bright at the top and class 7 to what is bright at the bottom. The picture's edges
    /// are a little darker than the middle.
    init() throws {
        folder = try DataFolder()
        weights = folder.file("weights.safetensors")
        picture = folder.file("picture.png")
        var weight = [Float](repeating: 0, count: 7840)
        for index in 0..<392 {
            weight[3 * 784 + index] = 0.02
            weight[7 * 784 + 392 + index] = 0.02
        }
        try Scene.write(weight, to: weights)
        let pixels = (0..<56 * 56).map { $0 < 28 * 56 ? UInt8(240) : 10 }
        try Image(width: 56, height: 56, pixels: pixels).write(to: picture)
    }

    static func write(_ weight: [Float], to url: URL) throws {
        try Safetensors.save(
            [("1.weight", Tensor(weight, shape: [10, 784])), ("1.bias", .zeros([10]))], to: url)
    }

    /// The folder of a run that ended with these weights.
    func makeRun(model: String = "softmax-regression", hasWeights: Bool = true) throws -> Run {
        let configuration = RunConfiguration(
            recipe: RecipeSettings(
                model: model, dataSet: "Fashion-MNIST", dataFolder: folder.path, limit: 15, batchSize: 4,
                learningRate: 0.1),
            epochs: 1, device: "cpu", threads: 1)
        let run = try Run.create(at: folder.file("run-\(UUID().uuidString)"), configuration)
        if hasWeights { try FileManager.default.copyItem(at: weights, to: run.weightsFile) }
        return run
    }

    func predict(_ arguments: [String]) throws -> Child {
        try Child.run(["predict"] + arguments + ["--model", "softmax-regression", "--weights", weights.path])
    }
}

@Suite struct PredictCommandTests {
    @Test func namesTheMostProbableClasses() throws {
        let scene = try Scene()
        let child = try scene.predict([scene.picture.path])
        #expect(child.status == 0, "\(child.errors)")
        #expect(child.errors == "")
        let lines = child.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines.count == 4)
        #expect(lines[0] == [scene.picture.path, "56", "×", "56"])
        #expect(lines[1][0] == "dress" && lines[2][0] == "sneaker")
        #expect(!child.output.contains("\u{1B}"))
        let inverted = try scene.predict([scene.picture.path, "--invert", "yes", "--top", "1"])
        #expect(inverted.output.split(separator: "\n").count == 2)
        #expect(inverted.output.hasPrefix("\(scene.picture.path)  56 × 56, inverted\n  sneaker  "))
    }

    @Test func printsJSON() throws {
        struct Report: Decodable {
            struct Class: Decodable {
                var name: String
                var index: Int
                var probability: Double
            }
            struct Picture: Decodable {
                var path: String
                var width: Int
                var classes: [Class]
            }
            var model: String
            var images: [Picture]
        }
        let scene = try Scene()
        let child = try scene.predict([scene.picture.path, scene.picture.path, "--json", "--top", "10"])
        #expect(child.status == 0)
        let report = try JSONDecoder().decode(Report.self, from: Data(child.output.utf8))
        #expect(report.model == "softmax-regression")
        #expect(report.images.count == 2)
        let classes = report.images[0].classes
        #expect(classes.count == 10 && classes[0].name == "dress" && classes[0].index == 3)
        #expect(abs(classes.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
        // exp(logit): 0.02 · 392 · 240/255, 0.02 · 392 · 10/255 and eight zeros.
        let (top, bottom) = (exp(0.02 * 392 * 240 / 255), exp(0.02 * 392 * 10 / 255))
        #expect(abs(classes[0].probability - top / (top + bottom + 8)) < 1e-5)
    }

    /// Many images are looked at by a copy that only predicts.
    @Test func manyImagesGetTheProbabilitiesOfOne() throws {
        struct Report: Decodable {
            struct Class: Decodable {
                var index: Int
                var probability: Double
            }
            struct Picture: Decodable { var classes: [Class] }
            var images: [Picture]
        }
        let scene = try Scene()
        let weights = scene.folder.file("norms.safetensors")
        try withSeed(2) {
            let network = makeBatchNormLeNet()
            for case let (_, norm as BatchNorm) in network.namedModules() {
                norm.runningMean.value = .uniform([norm.channels], in: -0.5..<0.5)
                norm.runningVariance.value = .uniform([norm.channels], in: 0.2..<2)
            }
            try network.saveWeights(to: weights)
        }
        func predict(_ count: Int) throws -> [Report.Picture] {
            let pictures = [String](repeating: scene.picture.path, count: count)
            let options = ["--model", "lenet-batchnorm", "--weights", weights.path, "--top", "10", "--json"]
            let child = try Child.run(["predict"] + pictures + options)
            #expect(child.status == 0, "\(child.errors)")
            return try JSONDecoder().decode(Report.self, from: Data(child.output.utf8)).images
        }
        let (one, many) = try (predict(1), predict(20))
        #expect(many.count == 20)
        for picture in many {
            for (a, b) in zip(picture.classes, one[0].classes) {
                #expect(a.index == b.index && abs(a.probability - b.probability) <= 1e-6)
            }
        }
        #expect(Set(one[0].classes.map(\.probability)).count == 10)
    }

    @Test func quietPrintsOneLineForEachImage() throws {
        let scene = try Scene()
        let child = try scene.predict([scene.picture.path, "-q"])
        #expect(child.output == "\(scene.picture.path)  dress\n")
    }

    /// Of mixed files each is looked at in its own way, unless the option decides for all.
    @Test func invertsPicturesWithLightEdges() throws {
        let scene = try Scene()
        // Dark at the bottom, and not quite white; the same with its edges alone dark.
        let light = (0..<56 * 56).map { $0 < 28 * 56 ? UInt8(220) : 50 }
        let dark = light.indices.map { [0, 55].contains($0 % 56) || [0, 55].contains($0 / 56) ? 0 : light[$0] }
        let (lightFile, darkFile) = (scene.folder.file("light.png"), scene.folder.file("dark.png"))
        try Image(width: 56, height: 56, pixels: light).write(to: lightFile)
        try Image(width: 56, height: 56, pixels: dark).write(to: darkFile)
        struct Report: Decodable {
            struct Picture: Decodable {
                struct Class: Decodable { var name: String }
                var isInverted: Bool
                var classes: [Class]
            }
            var images: [Picture]
        }
        for (options, inverted) in [
            ([], [true, false]), (["--invert", "auto"], [true, false]), (["--invert", "yes"], [true, true]),
            (["--invert", "no"], [false, false]),
        ] as [([String], [Bool])] {
            let classes = inverted.map { $0 ? "sneaker" : "dress" }
            let arguments = [lightFile.path, darkFile.path] + options
            let quiet = try scene.predict(arguments + ["--quiet"])
            #expect(quiet.output == "\(lightFile.path)  \(classes[0])\n\(darkFile.path)  \(classes[1])\n")
            let json = try scene.predict(arguments + ["--json"])
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let report = try decoder.decode(Report.self, from: Data(json.output.utf8))
            #expect(report.images.map(\.isInverted) == inverted)
            #expect(report.images.map { $0.classes[0].name } == classes)
            let text = try scene.predict(arguments)
            let heads = text.output.split(separator: "\n").filter { $0.contains("56 × 56") }
            #expect(heads.map { $0.hasSuffix("  56 × 56, inverted") } == inverted)
            #expect(quiet.errors + json.errors + text.errors == "")
        }
    }

    /// Weights so large that the model's numbers overflow.
    @Test func saysWhatIsNoNumber() throws {
        let scene = try Scene()
        try Scene.write([Float](repeating: .greatestFiniteMagnitude, count: 7840), to: scene.weights)
        let reason = "the model makes no finite numbers of it: its weights are too large for any prediction"
        for options in [[], ["--quiet"], ["--json", "--top", "2"]] {
            let predict = try scene.predict([scene.picture.path] + options)
            #expect(predict.status == 1)
            #expect(predict.errors == "Error: \(scene.picture.path): \(reason)\n")
            #expect(!predict.output.contains("t-shirt"), "\(predict.output)")
            if options.contains("--json") { #expect(predict.output.contains(reason)) }
        }
        let evaluate = try Child.run(
            "evaluate", "softmax-regression", "--weights", scene.weights.path, "--data", scene.folder.path, "--json")
        #expect(evaluate.status == 0)
        #expect(evaluate.errors == "note: a number is infinite or not a number, and null in the JSON\n")
        #expect(evaluate.output.contains(#""loss":null,"#), "\(evaluate.output)")
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(evaluate.output.utf8)) }
    }

    @Test func refusesWhatIsNoImage() throws {
        let scene = try Scene()
        let text = scene.folder.file("notes.txt")
        try Data("hello".utf8).write(to: text)
        let cut = scene.folder.file("cut.png")
        try Data(try Data(contentsOf: scene.picture).dropLast(40)).write(to: cut)
        for (path, reason) in [
            (text.path, "is not a PNG or JPEG image"), (cut.path, "PNG cannot be read: "),
            (scene.folder.path, "is a folder, not a file"), (scene.folder.path + "/none.png", "no such file"),
        ] {
            // Good pictures before and behind it are looked at all the same.
            let picture = scene.picture.path
            let child = try scene.predict([picture, path, picture, "--quiet"])
            #expect(child.status == 1)
            #expect(child.output == "\(picture)  dress\n\(picture)  dress\n")
            #expect(child.errors.hasPrefix("Error: \(path): \(reason)"), "\(child.errors)")
            #expect(child.errors.filter { $0 == "\n" }.count == 1)
            struct Report: Decodable {
                struct Picture: Decodable { var path: String }
                struct Failure: Decodable { var path: String, reason: String }
                var images: [Picture]
                var failures: [Failure]
            }
            let json = try scene.predict([path, picture, "--json"])
            #expect(json.status == 1 && json.errors == child.errors)
            let report = try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
            #expect(report.images.map(\.path) == [picture] && report.failures.map(\.path) == [path])
            #expect(report.failures[0].reason.hasPrefix(reason))
        }
    }

    @Test func refusesForeignWeights() throws {
        let scene = try Scene()
        let good = try Data(contentsOf: scene.weights)
        try Data(good.dropLast(100)).write(to: scene.weights)
        #expect(try fault(scene).contains("; the file holds "))
        var values = [Float](repeating: 0, count: 7840)
        values[5] = .nan
        try Scene.write(values, to: scene.weights)
        #expect(try fault(scene) == "element 5 of tensor 1.weight is nan")
        try Safetensors.save([("1.weight", .zeros([10, 4])), ("1.bias", .zeros([10]))], to: scene.weights)
        #expect(
            try fault(scene)
                == "the state does not fit the model: of another shape: 1.weight is [10, 4], the model's is [10, 784]; "
                + "--data and --resize must be as in the training")
        try Safetensors.save([("weight", .zeros([1]))], to: scene.weights)
        #expect(try fault(scene) == "the state does not fit the model: missing 1.weight, 1.bias; unexpected weight")
        try Data("0.1 0.2 0.3 0.4 0.5".utf8).write(to: scene.weights)
        #expect(try fault(scene) == "is not a safetensors file")
        try Data([0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20]).write(to: scene.weights)
        #expect(
            try fault(scene).hasPrefix(
                "is a pickle of PyTorch's, not a safetensors file; in Python: safetensors.torch."))
        try FileManager.default.removeItem(at: scene.weights)
        #expect(try fault(scene) == "no such file")
    }

    @Test func takesModelAndWeightsFromARun() throws {
        let scene = try Scene()
        let run = try scene.makeRun()
        let named = try scene.predict([scene.picture.path])
        let child = try Child.run("predict", scene.picture.path, "--run", run.folder.path)
        #expect(child.status == 0, "\(child.errors)")
        #expect(child.output == named.output)
    }

    @Test func refusesWrongRuns() throws {
        let scene = try Scene()
        let foreign = try scene.makeRun(model: "resnet")
        let empty = try scene.makeRun(hasWeights: false)
        for (path, message) in [
            (scene.folder.path, "\(scene.folder.path): is not the folder of a run: it has no configuration.json"),
            ("/none", "/none: no such folder"),
            (scene.weights.path, "\(scene.weights.path): is a file, not the folder of a run"),
            (foreign.folder.path, "\(foreign.configurationFile.path): the run trains 'resnet', a model that"),
            (empty.folder.path, "\(empty.folder.path): has no weights yet: no epoch of the run has ended"),
        ] {
            let child = try Child.run("predict", scene.picture.path, "--run", path)
            #expect(child.status == 1 && child.output == "")
            #expect(child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
            #expect(child.errors.filter { $0 == "\n" }.count == 1)
        }
    }

    @Test(arguments: [
        (["x.png"], "Give --run, or --model and --weights."),
        (["x.png", "--model", "lenet"], "--weights: lenet needs a file of weights."),
        (["x.png", "--model", "lenet", "--run", "r"], "Give --run, or --model and --weights."),
        (["x.png", "--model", "linear-regression", "--weights", "w"], "linear-regression does not look at images."),
        (["x.png", "--model", "lenet", "--weights", "w", "--top", "0"], "--top must be a whole number above 0"),
        (["--model", "lenet", "--weights", "w"], "Missing expected argument '<images> ...'"),
    ])
    func refusesWrongArguments(arguments: [String], message: String) throws {
        let child = try Child.run(["predict"] + arguments)
        #expect(child.status == 64)
        #expect(child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
    }

    /// What is wrong with the weights, the same for both commands.
    private func fault(_ scene: Scene) throws -> String {
        let predict = try scene.predict([scene.picture.path])
        let evaluate = try Child.run(
            "evaluate", "softmax-regression", "--weights", scene.weights.path, "--data", scene.folder.path)
        for child in [predict, evaluate] {
            #expect(child.status == 1)
            #expect(child.output == "")
            #expect(child.errors.filter { $0 == "\n" }.count == 1, "\(child.errors)")
        }
        #expect(predict.errors == evaluate.errors)
        let prefix = "Error: \(scene.weights.path): "
        #expect(predict.errors.hasPrefix(prefix), "\(predict.errors)")
        return String(predict.errors.dropFirst(prefix.count).dropLast())
    }
}

@Suite struct EvaluateCommandTests {
    /// Two rows of nine as in the book: the true class over the predicted one.
    @Test func drawsTheFirstSamples() throws {
        let scene = try Scene()
        let (picture, numbers) = (scene.folder.file("first.png"), scene.folder.file("first.csv"))
        let arguments = [
            "evaluate", "softmax-regression", "--weights", scene.weights.path, "--data", scene.folder.path,
        ]
        let plain = try Child.run(arguments)
        func captions() throws -> [Substring] {
            try String(contentsOf: numbers, encoding: .utf8).split(separator: "\n").dropFirst()
                .map { $0.prefix { $0 != "," } }
        }
        let child = try Child.run(arguments + ["--output", picture.path])
        #expect(child.status == 0, "\(child.errors)")
        #expect(child.output == plain.output + "\npicture  \(picture.path)\nnumbers  \(numbers.path)\n")
        #expect(try Data(contentsOf: picture).starts(with: [0x89, 0x50, 0x4E, 0x47]))
        let shown = try captions()
        #expect(shown.count == 18)
        // The made-up labels count from 0 to 9 and again.
        #expect(shown[1].hasPrefix("trouser ") && shown[9].hasPrefix("ankle boot ") && shown[11].hasPrefix("trouser "))
        #expect(shown.allSatisfy { $0.hasSuffix(" dress") || $0.hasSuffix(" sneaker") || $0.hasSuffix(" t-shirt") })
        try FileManager.default.removeItem(at: picture)
        let json = try Child.run(arguments + ["--json", "--limit", "5", "--output", picture.path])
        #expect(json.status == 0 && json.output.filter { $0 == "\n" }.count == 1, "\(json.errors)")
        #expect(try captions().count == 5)
        #expect(FileManager.default.fileExists(atPath: picture.path))
        let chinese = try Child.run(
            arguments + ["--quiet", "--output", picture.path], environment: ["LC_ALL": "zh_CN.UTF-8", "LANGUAGE": ""])
        #expect(chinese.status == 0 && chinese.output.filter { $0 == "\n" }.count == 1, "\(chinese.errors)")
        #expect(try captions()[1].hasPrefix("长裤 "))
    }

    @Test func drawsNothingThatIsNoImage() throws {
        let folder = try DataFolder()
        let run = folder.file("run").path
        #expect(try Child.run("train", "linear-regression", "--epochs", "1", "--quiet", "--output", run).status == 0)
        for (name, message) in [
            ("a.png", "--output: linear-regression does not look at images."),
            ("a.gif", "--output must be a file that ends in .png or .svg, not "),
        ] {
            let child = try Child.run("evaluate", run, "--output", folder.file(name).path)
            #expect(child.status == 64 && child.output == "")
            #expect(child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
        }
    }

    private struct Report: Decodable {
        struct Class: Decodable {
            var name: String
            var samples: Int
            var recall: Double?
            var precision: Double?
        }
        var loss: Double
        var accuracy: Double?
        var samples: Int
        var classes: [Class]?
        var confusion: [[Int]]?
    }

    @Test func agreesWithTraining() throws {
        struct Training: Decodable {
            struct Epoch: Decodable {
                var validationLoss: Double
                var validationMetrics: [String: Double]
            }
            struct Test: Decodable {
                var epoch: Int
                var loss: Double
                var metrics: [String: Double]
            }
            var epochs: [Epoch]
            var test: Test
        }
        let folder = try DataFolder()
        let output = folder.file("run")
        let train = try Child.run(
            "train", "mlp", "--data", folder.path, "--epochs", "1", "--batch-size", "8", "--output", output.path,
            "--validation-fraction", "0.25", "--seed", "4", "--limit", "40", "--json")
        let weights = output.appendingPathComponent("weights.safetensors").path
        let evaluate = try Child.run(
            "evaluate", "mlp", "--weights", weights, "--data", folder.path, "--batch-size", "8", "--json")
        #expect(evaluate.status == 0, "\(evaluate.errors)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let training = try decoder.decode(Training.self, from: Data(train.output.utf8))
        let found = try decoder.decode(Report.self, from: Data(evaluate.output.utf8))
        #expect(training.test.epoch == 1 && found.loss == training.test.loss)
        #expect(found.accuracy == training.test.metrics["accuracy"])
        #expect(found.samples == 20)
        // A run knows which samples it kept back, to the bit, and which it trained on.
        for (split, count) in [("test", 20), ("validation", 10), ("train", 30)] {
            let child = try Child.run("evaluate", output.path, "--split", split, "--json")
            let found = try decoder.decode(Report.self, from: Data(child.output.utf8))
            #expect(found.samples == count)
            guard split == "validation" else { continue }
            #expect(found.loss == training.epochs[0].validationLoss)
            #expect(found.accuracy == training.epochs[0].validationMetrics["accuracy"])
        }
        #expect(found.classes?.map(\.samples) == [Int](repeating: 2, count: 10))
        let counts = try #require(found.confusion)
        #expect(counts.map { $0.reduce(0, +) } == [Int](repeating: 2, count: 10))
    }

    @Test func onlyARunHasAValidationSet() throws {
        let folder = try DataFolder()
        let output = folder.file("run").path
        let arguments = [
            "train", "mlp", "--data", folder.path, "--epochs", "1", "--validation-fraction", "0", "--quiet",
        ]
        #expect(try Child.run(arguments + ["--output", output]).status == 0)
        for (subject, reason) in [
            ([output], "the run has none, because of --validation-fraction 0."),
            (
                ["mlp", "--weights", "\(output)/weights.safetensors", "--data", folder.path],
                "only a run has a validation set; name one."
            ),
        ] {
            let child = try Child.run(["evaluate"] + subject + ["--split", "validation"])
            #expect(child.status == 64 && child.errors.hasPrefix("Error: --split validation: \(reason)\nUsage: "))
        }
    }

    @Test func printsTables() throws {
        let scene = try Scene()
        let child = try Child.run(
            "evaluate", "softmax-regression", "--weights", scene.weights.path, "--data", scene.folder.path, "--limit",
            "10")
        #expect(child.status == 0, "\(child.errors)")
        let lines = child.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "softmax-regression, weights \(scene.weights.path), on 10 samples")
        #expect(lines[1].hasPrefix("test loss "))
        #expect(lines[3] == "class       samples  recall  precision  most often taken for")
        #expect(lines[16] == "true class        0    1    2    3    4    5    6    7    8    9")
        #expect(!child.output.contains("\u{1B}"))
        let quiet = try Child.run(
            "evaluate", "softmax-regression", "--weights", scene.weights.path, "--data", scene.folder.path, "--limit",
            "10", "--quiet")
        #expect(quiet.output == "\(lines[1])\n")
    }

    @Test func takesSettingsFromARun() throws {
        let scene = try Scene()
        let run = try scene.makeRun()
        func samples(_ options: String...) throws -> Int {
            let child = try Child.run(["evaluate", run.folder.path, "--json"] + options)
            #expect(child.status == 0, "\(child.errors)")
            return try JSONDecoder().decode(Report.self, from: Data(child.output.utf8)).samples
        }
        #expect(try samples() == 15)
        #expect(try samples("--limit", "7", "--batch-size", "3") == 7)
        #expect(try samples("--limit", "1000", "--weights", scene.weights.path) == 20)
    }

    @Test(arguments: [
        (["resnet"], "'resnet' is neither the folder of a run nor a model: lenet, mlp, "),
        (["lenet"], "--weights: lenet needs a file of weights."),
        (["lenet", "--weights", "w", "--limit", "0"], "--limit must be a whole number above 0, not '0'."),
        (
            ["lenet", "--weights", "w", "--limit", "9", "--split", "train"],
            "--limit cannot be given with --split train: the run says which samples these are."
        ),
        (["lenet", "--weights", "w", "--batch-size", "-1"], "--batch-size must be a whole number above 0, not '-1'."),
        (["lenet", "--weights", "w", "--threads", "0"], "--threads must be 1 to 1024, not '0'."),
    ])
    func refusesWrongArguments(arguments: [String], message: String) throws {
        let child = try Child.run(["evaluate"] + arguments)
        #expect(child.status == 64)
        #expect(child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
    }

    @Test func measuresRegressionByItsLoss() throws {
        let folder = try DataFolder()
        let output = folder.file("run")
        _ = try Child.run("train", "linear-regression", "--output", output.path, "--quiet")
        let child = try Child.run(
            "evaluate", "linear-regression", "--weights", output.appendingPathComponent("weights.safetensors").path,
            "--json")
        #expect(child.status == 0, "\(child.errors)")
        let report = try JSONDecoder().decode(Report.self, from: Data(child.output.utf8))
        #expect(report.samples == 1000 && report.accuracy == nil && report.classes == nil)
        // The noise of the points has a deviation of 0.01.
        #expect(report.loss > 0 && report.loss < 0.001)
    }
}

@Suite struct CompletionTests {
    @Test(arguments: ["bash", "zsh", "fish"]) func scriptKnowsTheCommands(shell: String) throws {
        let child = try Child.run("--generate-completion-script", shell)
        #expect(child.status == 0)
        for word in ["predict", "evaluate", "report", "softmax-regression", "reference", "safetensors"] {
            #expect(child.output.contains(word), "\(word)")
        }
        #expect(try Child.run("--help").output.contains("--generate-completion-script"))
    }
}
