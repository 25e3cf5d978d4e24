// All that a user needs under one name: `import Yuyan`.
@_exported import YuyanCore
@_exported import YuyanData
@_exported import YuyanModels
@_exported import YuyanNN
@_exported import YuyanPlot
@_exported import YuyanShift
@_exported import YuyanTraining
