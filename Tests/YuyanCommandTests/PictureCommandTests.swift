import Foundation
import Testing

/// `yuyan data` and `yuyan graph`.
@Suite struct PictureCommandTests {
    @Test func listsDataSets() throws {
        let folder = try DataFolder()
        let found = try Child.run("data", "list", "--data", folder.path)
        #expect(found.status == 0)
        #expect(
            found.output == """
                fashion-mnist  gray images of clothes
                  samples  train 60,000, test 10,000
                  shape    [1, 28, 28]
                  classes  t-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag,
                           ankle boot
                  folder   \(folder.path) (found)

                """)
        let missing = try Child.run("data", "list", "--data", "/nowhere")
        #expect(missing.status == 0)
        #expect(
            missing.output.hasSuffix(
                "  folder   /nowhere (not there: apt install dataset-fashion-mnist, or --data FOLDER)\n"))
    }

    @Test func showsSamplesAsText() throws {
        let folder = try DataFolder()
        let arguments = ["data", "show", "fashion-mnist", "--data", folder.path, "--count", "3"]
        let ascii = try Child.run(arguments, environment: ["LC_ALL": "C", "COLUMNS": "80"])
        #expect(ascii.status == 0)
        let lines = ascii.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "fashion-mnist, train: 3 of 64")
        #expect(lines.dropLast().last?.split(separator: " ") == ["t-shirt", "trouser", "pullover"])
        #expect(lines.last?.split(separator: " ") == ["no.", "0", "no.", "1", "no.", "2"])
        #expect(ascii.output.utf8.allSatisfy { $0 < 128 }, "no UTF-8, no other characters; no terminal, no colors")
        let unicode = try Child.run(
            Array(arguments.dropLast()) + ["10"], environment: ["LC_ALL": "C.UTF-8", "COLUMNS": "80"])
        #expect(unicode.output.contains("░"))
    }

    @Test func drawsSamplesAtRandomFromTheSeed() throws {
        let folder = try DataFolder()
        func show(_ seed: String...) throws -> String {
            let arguments = ["data", "show", "fashion-mnist", "--data", folder.path, "--split", "test", "--count", "4"]
            return try Child.run(arguments + seed).output
        }
        #expect(try show("--seed", "1") == show("--seed", "1"))
        #expect(try show("--seed", "1") != show("--seed", "2"))
        #expect(try show().contains("no. 3"))
    }

    @Test func writesAPictureAndItsNumbers() throws {
        let folder = try DataFolder()
        let arguments = ["data", "show", "fashion-mnist", "--data", folder.path, "--count", "2", "--output"]
        for name in ["samples.png", "samples.SVG"] {
            let child = try Child.run(arguments + [folder.file(name).path])
            #expect(child.status == 0)
            let numbers = folder.file("samples.csv").path
            #expect(child.output == "picture  \(folder.file(name).path)\nnumbers  \(numbers)\n")
            let rows = try String(contentsOfFile: numbers, encoding: .utf8).split(separator: "\n")
            #expect(rows.count == 3)
            #expect(rows[1].hasPrefix("t-shirt no. 0,1,28,28,"))
        }
        let png = try Data(contentsOf: folder.file("samples.png"))
        #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(try String(contentsOf: folder.file("samples.SVG"), encoding: .utf8).hasPrefix("<svg"))
    }

    @Test func keepsTheNumbersWithoutTheDrawingProgram() throws {
        let folder = try DataFolder()
        let cases = [
            (["data", "show", "fashion-mnist", "--data", folder.path], "gnuplot", "gnuplot-nox"),
            (["graph", "lenet"], "dot", "graphviz"),
        ]
        for (arguments, program, package) in cases {
            let picture = folder.file("picture.png").path
            let child = try Child.run(arguments + ["--output", picture], environment: ["PATH": ""])
            #expect(child.status == 1)
            #expect(child.output == "")
            #expect(
                child.errors == "Error: drawing needs the program `\(program)`, which is not in PATH: "
                    + "apt install \(package); the numbers are in \(folder.file("picture.csv").path)\n")
            #expect(!FileManager.default.fileExists(atPath: picture))
            #expect(FileManager.default.fileExists(atPath: folder.file("picture.csv").path))
        }
    }

    @Test func drawsModelsAsGraphs() throws {
        let layers = try Child.run(["graph", "mlp"], environment: ["LC_ALL": "C", "COLUMNS": "100"])
        #expect(
            layers.output == """
                mlp: layers
                0        input       [1, 1, 28, 28]
                1  <- 0  0  Flatten  [1, 784]
                2  <- 1  1  Linear   [1, 256]        200,960 parameters  inputSize: 784, outputSize: 256
                3  <- 2  2  ReLU     [1, 256]
                4  <- 3  3  Linear   [1, 10]         2,570 parameters    inputSize: 256, outputSize: 10

                """)
        let operations = try Child.run("graph", "mlp", "--computation")
        #expect(operations.output.contains("1.weight"))
        #expect(operations.output.contains("linear"))
        let folder = try DataFolder()
        for name in ["mlp.svg", "mlp.png"] {
            let child = try Child.run("graph", "mlp", "--computation", "--output", folder.file(name).path)
            #expect(child.status == 0)
            #expect(FileManager.default.fileExists(atPath: folder.file(name).path))
        }
    }

    @Test(arguments: [
        (["data", "show", "cifar"], "The value 'cifar' is invalid for '<name>'."),
        (["data", "show", "fashion-mnist", "--count", "0"], "--count must be 1 to 400, not '0'."),
        (["data", "show", "fashion-mnist", "--split", "all"], "The value 'all' is invalid for '--split <split>'."),
        (["data", "show", "fashion-mnist", "--data", ""], "--data must be a folder, not ''."),
        (
            ["graph", "lenet", "--output", "lenet.pdf"],
            "--output must be a file that ends in .png or .svg, not 'lenet.pdf'."
        ),
    ])
    func refusesWrongArguments(arguments: [String], message: String) throws {
        let child = try Child.run(arguments)
        #expect(child.status == 64)
        #expect(child.output == "")
        #expect(child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
    }

    @Test func namesWhatCannotBeReadOrWritten() throws {
        let unread = try Child.run("data", "show", "fashion-mnist", "--data", "/nowhere")
        #expect(unread.status == 1)
        #expect(unread.errors.hasPrefix("Error: /nowhere/train-images-idx3-ubyte.gz: no such file; "))
        let unwritten = try Child.run("graph", "mlp", "--output", "/nowhere/mlp.svg")
        #expect(unwritten.status == 1)
        #expect(unwritten.errors == "Error: /nowhere/mlp.csv: cannot be written: No such file or directory\n")
        let empty = try DataFolder(trainCount: 0, testCount: 0)
        let nothing = try Child.run("data", "show", "fashion-mnist", "--data", empty.path)
        #expect(nothing.status == 1)
        #expect(nothing.errors == "Error: \(empty.path): the train set holds no images\n")
    }
}
