import Foundation
import Testing
import YuyanCore
import YuyanData

@Suite struct DataExportTests {
    private func export(_ folder: DataFolder, _ options: [String], to output: String = "samples") throws -> Child {
        try Child.run(
            ["data", "export", "fashion-mnist", "--data", folder.path, "--output", folder.file(output).path] + options)
    }

    private func names(_ folder: DataFolder, _ output: String = "samples") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.file(output).path).sorted()
    }

    @Test func writesSamplesAsPictures() throws {
        let folder = try DataFolder(testCount: 120)
        let child = try export(folder, ["--split", "test", "--index", "109", "7", "7"])
        #expect(child.status == 0 && child.errors == "", "\(child.errors)")
        #expect(
            child.output == "2 pictures in \(folder.file("samples").path): 007-sneaker.png … 109-ankle-boot.png\n")
        #expect(try names(folder) == ["007-sneaker.png", "109-ankle-boot.png"])
        let test = try FashionMNIST(.test, folder: folder.url)
        for (name, index) in [("007-sneaker.png", 7), ("109-ankle-boot.png", 109)] {
            let image = try Image(contentsOf: folder.file("samples/\(name)"))
            #expect(image.width == 28 && image.height == 28 && image.channelCount == 1)
            #expect(image.tensor.array(of: Float.self) == test[index].0.array(of: Float.self))
        }
    }

    @Test func takesTheFirstSamplesOrSomeAtRandom() throws {
        let folder = try DataFolder()
        let one = try export(folder, ["--count", "1"], to: "one")
        #expect(one.output == "1 picture in \(folder.file("one").path): 00-t-shirt.png\n")
        #expect(try export(folder, []).status == 0)
        #expect(try names(folder).count == 10)
        #expect(try names(folder).last == "09-ankle-boot.png")
        _ = try export(folder, ["--count", "12", "--seed", "3"], to: "a")
        _ = try export(folder, ["--count", "12", "--seed", "3"], to: "b")
        _ = try export(folder, ["--count", "12", "--seed", "4"], to: "c")
        #expect(try names(folder, "a") == names(folder, "b"))
        #expect(try names(folder, "a") != names(folder, "c"))
        #expect(try names(folder, "a").count == 12)
    }

    /// A folder for each class with so many pictures of it: what `ImageFolder` reads.
    @Test func takesSoManyOfEachClass() throws {
        let folder = try DataFolder()
        let child = try export(folder, ["--per-class", "2"])
        #expect(child.status == 0 && child.errors == "", "\(child.errors)")
        #expect(
            child.output
                == "20 pictures in \(folder.file("samples").path): t-shirt/00-t-shirt.png … ankle-boot/19-ankle-boot.png\n"
        )
        let pictures = try ImageFolder(folder.file("samples"))
        let names = FashionMNIST.classNames.map { $0.replacing(" ", with: "-") }
        #expect(pictures.classNames == names.sorted())
        #expect(pictures.labels == (0..<10).flatMap { [$0, $0] })
        let training = try FashionMNIST(.train, folder: folder.url)
        for (index, file) in pictures.files.enumerated() {
            let place = try #require(Int(file.lastPathComponent.prefix(2)))
            let (image, label) = training[place]
            #expect(names[Int(label.item())] == pictures.classNames[pictures.labels[index]])
            #expect(try pictures[index].0.array(of: Float.self) == image.array(of: Float.self))
        }
        // Others with a seed, the same ones with the same.
        let files = { try ImageFolder(folder.file($0)).files.map(\.lastPathComponent) }
        _ = try export(folder, ["--per-class", "2", "--seed", "3"], to: "a")
        _ = try export(folder, ["--per-class", "2", "--seed", "3"], to: "b")
        #expect(try files("a") == files("b"))
        #expect(try files("a") != files("samples"))
        #expect(try ImageFolder(folder.file("a")).labels == pictures.labels)
    }

    /// A file that is there stays, and nothing is left of pictures that could not be put beside it.
    @Test func overwritesNothing() throws {
        let folder = try DataFolder()
        #expect(try export(folder, ["--count", "1"]).status == 0)
        let file = folder.file("samples/00-t-shirt.png")
        try Data("mine".utf8).write(to: file)
        try Data().write(to: folder.file("file"))
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let again = try export(folder, ["--count", "2"])
        #expect(again.status == 1 && again.output == "")
        #expect(again.errors == "Error: \(folder.file("samples").path): is not empty; name another folder\n")
        #expect(try Data(contentsOf: file) == Data("mine".utf8))
        #expect(try names(folder) == ["00-t-shirt.png"])
        let blocked = try export(folder, [], to: "file")
        #expect(blocked.errors == "Error: \(folder.file("file").path): is a file, not a folder\n")
        let missing = try export(folder, [], to: "none/samples")
        #expect(
            missing.errors
                == "Error: \(folder.file("none/samples").path): cannot be written: No such file or directory\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
        // An empty folder is as good as none.
        try FileManager.default.createDirectory(at: folder.file("empty"), withIntermediateDirectories: false)
        #expect(try export(folder, ["--count", "1"], to: "empty").status == 0)
        #expect(try names(folder, "empty") == ["00-t-shirt.png"])
    }

    @Test(arguments: [
        (["--count", "0"], "--count must be a whole number above 0, not '0'."),
        (["--count", "65"], "--count must be 64 at most, not '65': the train set holds 64."),
        (["--index", "3", "64"], "--index must be 63 at most, not '64': the train set holds 64."),
        (["--index", "3", "--count", "1"], "--index cannot be given with --count."),
        (["--index", "3", "--seed", "1"], "--index cannot be given with --seed."),
        (["--index", "3", "--per-class", "1"], "--index cannot be given with --per-class."),
        (["--count", "3", "--per-class", "1"], "--count cannot be given with --per-class."),
        (["--per-class", "0"], "--per-class must be a whole number above 0, not '0'."),
        (["--per-class", "7"], "--per-class must be 6 at most, not '7': there are 6 of 'coat'."),
        (["--split", "all"], "The value 'all' is invalid for '--split <split>'."),
    ])
    func refusesWrongArguments(arguments: [String], message: String) throws {
        let folder = try DataFolder()
        let child = try export(folder, arguments)
        #expect(child.status == 64 && child.output == "")
        #expect(child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
        #expect(child.errors.contains("\nUsage: yuyan data export "), "\(child.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("samples").path))
    }
}
