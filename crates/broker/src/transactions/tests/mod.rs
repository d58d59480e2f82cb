mod coordinator;
mod state;
