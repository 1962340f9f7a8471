# Run by R/zzz.R in the python of package reticulate, when a session uses sketchvae: python's torch is not
# imported if it would bring a second LibTorch into the process, where two crash. Asking whether there is
# a torch stays possible (importlib.util.find_spec()).
import glob
import importlib.abc
import os
import sys


class Refusal(importlib.abc.Loader):
    def __init__(self, message):
        self.message = message

    def create_module(self, spec):
        raise ImportError(self.message, name=spec.name)

    def exec_module(self, module):
        raise ImportError(self.message)


class TorchGuard(importlib.abc.MetaPathFinder):
    def __init__(self, ours):
        self.ours = ours  # the folder of the LibTorch that is loaded

    def find_spec(self, name, path=None, target=None):
        # The package; or, however that was found, the extension that loads the library.
        if name not in ("torch", "torch._C"):
            return None
        spec = self.spec_of_others(name, path, target)
        if spec is None:
            return None
        folders = spec.submodule_search_locations if name == "torch" else path
        for folder in folders or []:
            if self.brings_another(folder):
                spec.loader = Refusal(
                    f"This R session uses sketchvae, which has loaded LibTorch from {self.ours}; python's torch "
                    f"in {folder} would load another one, and two in one process crash. Use them in two R "
                    f"sessions, or install sketchvae with LIBTORCH_HOME={folder}.")
                return spec
        return None

    def spec_of_others(self, name, path, target):
        for finder in sys.meta_path:
            if not isinstance(finder, TorchGuard) and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    return spec
        return None

    def brings_another(self, folder):
        if not glob.glob(os.path.join(folder, "_C*")) and not os.path.isdir(os.path.join(folder, "lib")):
            return False  # something else of that name
        for name in ("libtorch_cpu.so", "libtorch_cpu.dylib"):
            ours = os.path.join(self.ours, name)
            # Conda has the library in its own lib folder.
            for place in (os.path.join(folder, "lib"), os.path.join(sys.prefix, "lib")):
                file = os.path.join(place, name)
                if os.path.exists(file) and os.path.exists(ours) and os.path.samefile(file, ours):
                    return False
        return True


def install(ours):
    if not any(type(finder).__name__ == "TorchGuard" for finder in sys.meta_path):
        sys.meta_path.insert(0, TorchGuard(ours))
