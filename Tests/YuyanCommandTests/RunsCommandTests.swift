import Foundation
import Testing

@Suite struct RunsCommandTests {
    @Test func runsAreListedShownAndCompared() throws {
        let folder = try DataFolder()
        let root = folder.file("runs").path
        for (name, rate) in [("slow", "0.01"), ("fast", "0.2")] {
            let child = try Child.run(
                "train", "mlp", "--data", folder.path, "--epochs", "2", "--quiet", "--root", root, "--name", name,
                "--learning-rate", rate)
            #expect(child.status == 0, "\(child.errors)")
        }
        // What is no run is not listed.
        try FileManager.default.createDirectory(
            at: folder.file("runs/empty"), withIntermediateDirectories: true)
        let list = try Child.run("runs", "--root", root)
        #expect(list.status == 0)
        let lines = list.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.count == 3)
        #expect(lines[1].prefix(3) == ["fast", "mlp", "2/2"] && lines[2].prefix(3) == ["slow", "mlp", "2/2"])
        #expect(try Child.run("runs", "list", "--root", root).output == list.output)

        let show = try Child.run("runs", "show", "fast", "--root", root).output
        #expect(show.contains("learning rate     0.2\n") && show.contains("epoch  train loss  train acc  valid loss"))
        #expect(try Child.run("runs", "show", folder.file("runs/fast").path).output == show)

        let compare = try Child.run("runs", "compare", "fast", "slow", "--root", root).output
        let rows = compare.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(rows[0] == "fast slow")
        #expect(rows[1] == "learning rate 0.2 0.01")
        #expect(rows[2] == "epochs done 2 2")
        #expect(rows.contains { $0.hasPrefix("best validation accuracy 0.") })
    }

    @Test func brokenRunsAreNamed() throws {
        let folder = try DataFolder()
        let root = folder.file("runs")
        for name in ["a", "b"] {
            #expect(
                try Child.run(
                    "train", "mlp", "--data", folder.path, "--epochs", "1", "--quiet", "--root", root.path, "--name",
                    name
                ).status == 0)
        }
        let metrics = root.appendingPathComponent("a/metrics.csv")
        try Data("epoch,train_loss\n1,x\n".utf8).write(to: metrics)
        let child = try Child.run("runs", "--root", root.path)
        #expect(child.status == 1)
        #expect(child.output.contains("\nb "))
        #expect(child.errors == "broken: \(metrics.path): train_loss is 'x'\n")
        let missing = try Child.run("runs", "show", "zebra", "--root", root.path)
        #expect(missing.status == 1)
        #expect(missing.errors == "Error: \(root.path)/zebra: no such folder\n")
        #expect(try Child.run("runs", "--root", "/nowhere").errors == "Error: /nowhere: no such folder\n")
        let empty = try Child.run("runs", "--root", folder.path)
        #expect(empty.status == 0 && empty.errors == "\(folder.path) holds no runs\n")
    }
}
