import Testing
import YuyanCore
import YuyanPlot

/// The CSV of each kind of figure.
@Suite struct NumbersTests {
    @Test func curvesWithTheSameXShareRows() {
        let figure = Figure.curves("", [Curve("a, b", [1, .nan]), Curve("a, b", [3, 1e-9])], x: Axis("epoch"))
        #expect(figure.csv == "epoch,\"a, b\",\"a, b (2)\"\n1.0,1.0,3.0\n2.0,nan,1e-09\n")
        #expect(Figure.curves("", []).csv == "x\n")
    }

    @Test func curvesWithTheirOwnXHaveRowsOfTheirOwn() {
        let figure = Figure.curves(
            "", [Curve("a", x: [1, 2], y: [3, 4]), Curve("b", x: [5], y: [6])], y: Axis("loss"))
        #expect(figure.csv == "curve,x,loss\na,1.0,3.0\na,2.0,4.0\nb,5.0,6.0\n")
    }

    @Test func pointsHaveGroupsIfTheyAreNamed() {
        #expect(Figure.scatter("", [PointGroup(x: [1], y: [2])]).csv == "x,y\n1.0,2.0\n")
        #expect(Figure.scatter("", [PointGroup("g", x: [1], y: [2])]).csv == "group,x,y\ng,1.0,2.0\n")
    }

    @Test func barsHaveARowForEachCategory() {
        let one = Figure.bars("", ["p", "q"], [BarSeries("", [1, 2])], y: Axis("accuracy"))
        #expect(one.csv == "category,accuracy\np,1.0\nq,2.0\n")
        let two = Figure.bars("", ["p"], [BarSeries("train", [1]), BarSeries("test", [2])])
        #expect(two.csv == "category,train,test\np,1.0,2.0\n")
    }

    @Test func histogramsCountEachValueOnce() {
        let group = ValueGroup("", [0, 0.5, 1, 1, 1.5, 2, .nan, .infinity])
        #expect(
            Figure.histogram("", [group], binCount: 2).csv == "from,to,count\n0.0,1.0,2\n1.0,2.0,4\n")
        // Values outside the range are not counted; the last bin has its upper border.
        let range = Figure.histogram("", [group], binCount: 1, x: Axis(range: 0.5...1.5))
        #expect(range.csv == "from,to,count\n0.5,1.5,4\n")
        let logarithmic = Figure.histogram(
            "", [ValueGroup("a", [1, 5, 50, 100]), ValueGroup("b", [-1, 10])], binCount: 2, x: Axis(scale: .logarithmic)
        )
        #expect(logarithmic.csv == "from,to,a,b\n1.0,10.0,2,0\n10.0,100.0,2,1\n")
        #expect(Figure.histogram("", []).csv == "from,to\n")
    }

    @Test func heatMapsHaveTheirNames() {
        let values: [[Double]] = [[1, 2], [3, .nan]]
        #expect(Figure.heatMap("", values).csv == "row,0,1\n0,1.0,2.0\n1,3.0,nan\n")
        let named = Figure.heatMap("", values, rows: ["a", "b"], columns: ["c", "d"], rowTitle: "true")
        #expect(named.csv == "true,c,d\na,1.0,2.0\nb,3.0,nan\n")
        #expect(Figure.heatMap("", Tensor([1, 2, 3, 4], shape: [2, 2])).csv == "row,0,1\n0,1.0,2.0\n1,3.0,4.0\n")
    }

    @Test func imagesHaveARowEach() {
        let small = CaptionedImage(Tensor([0.5], shape: [1, 1]), caption: "a\nb")
        let large = CaptionedImage(Tensor([0, 0.25, 1], shape: [3, 1, 1]))
        #expect(
            Figure.images("", [small, large]).csv == """
                caption,channels,height,width,pixel 0,pixel 1,pixel 2
                a b,1,1,1,0.5,,
                ,3,1,1,0.0,0.25,1.0

                """)
    }

    @Test func graphsHaveNodesAndEdges() {
        let figure = Figure.graph(
            "", [GraphNode(["x", "[2, 3]"], role: .input), GraphNode(["relu"])], [GraphEdge(from: 0, to: 1)])
        #expect(
            figure.csv == """
                node,kind,label,from,to
                0,input,"x; [2, 3]",,
                1,operation,relu,,
                ,edge,,0,1

                """)
    }
}
